package io.openme.internal.grants;

import io.openme.doorman.AccessPolicy.Rate;
import io.openme.doorman.Client;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Counts how often clients ask. A bucket of tokens for each, kept as the one time at which it will be full again (the
 * generic cell rate algorithm), so that nothing has to be filled up. Safe for use by several threads.
 */
public final class RateLimiter {
    private static final int SWEEP_EVERY = 1024;

    private final Clock clock;
    private final Optional<Rate> usual;
    private final Map<Client, Instant> fullAt = new HashMap<>();
    private int untilSweep = SWEEP_EVERY;

    /**
     * One whose buckets are full.
     *
     * @param usual of clients that have no rate of their own; empty: they may ask as often as they like
     */
    public RateLimiter(Clock clock, Optional<Rate> usual) {
        this.clock = clock;
        this.usual = usual;
    }

    /**
     * Takes a token.
     *
     * @param own the client's rate; empty for the usual one
     * @return how long to wait until there is one, at least 1 ns; empty if there was one
     */
    public Optional<Duration> take(Client client, Optional<Rate> own) {
        return own.or(() -> usual).flatMap(rate -> take(client, rate));
    }

    private synchronized Optional<Duration> take(Client client, Rate rate) {
        Instant now = clock.instant();
        sweep(now);
        Duration token = rate.per().dividedBy(rate.count());
        Duration whole = token.multipliedBy(rate.count());
        Instant full = fullAt.getOrDefault(client, now);
        // By a rate that a policy had before it may be further away than an empty bucket is.
        full = full.isAfter(now.plus(whole)) ? now.plus(whole) : full;
        Instant next = (full.isAfter(now) ? full : now).plus(token);
        // Not rate.per(): what dividing it has cut off would add up to a token.
        Duration wait = Duration.between(now.plus(whole), next);
        if (!wait.isNegative() && !wait.isZero()) {
            fullAt.put(client, full);
            return Optional.of(wait);
        }
        fullAt.put(client, next);
        return Optional.empty();
    }

    /** Who has a full bucket needs none, so only clients that asked lately take memory. */
    private void sweep(Instant now) {
        if (--untilSweep <= 0) {
            untilSweep = SWEEP_EVERY;
            fullAt.values().removeIf(full -> !full.isAfter(now));
        }
    }
}
