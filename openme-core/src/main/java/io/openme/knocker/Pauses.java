package io.openme.knocker;

import io.openme.knocker.KnockResult.Status;
import io.openme.protocol.Refusal;
import io.openme.protocol.Reply.Refused;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** How long a lease waits until it knocks again. All of it with jitter: many clients that began together drift apart. */
final class Pauses {
    static final Duration ONE = Duration.ofSeconds(1);
    /** For what somebody has to change: a policy that is edited back, a certificate that is renewed. */
    static final Duration SLOW = Duration.ofMinutes(5);
    /** For what changes by itself: the time of the day, another grant that ends, the Wi-Fi's page to log in. */
    static final Duration MEDIUM = Duration.ofMinutes(1);

    private static final Duration MOST_WAITED = Duration.ofHours(1);
    private static final int MOST_DOUBLINGS = 5;
    /** The doorman has taken away what the client held, or does so within a second. */
    private static final Set<Refusal> TAKEN = Set.of(Refusal.NOT_PERMITTED, Refusal.NOT_TRUSTED);

    private static final Set<Refusal> SOON = Set.of(Refusal.BUSY, Refusal.FIREWALL_FAILED);
    private static final Set<Refusal> LATER =
            Set.of(Refusal.NOT_NOW, Refusal.TOO_MANY_GRANTS, Refusal.TOO_MANY_ADDRESSES, Refusal.BAD_ADDRESS);

    private final RandomGenerator random;

    Pauses(RandomGenerator random) {
        this.random = random;
    }

    /**
     * Until the renewal of what was granted for so long: a third of it, more or less a tenth of that, but a second at least,
     * so that no server makes a client knock in a loop.
     */
    Duration renewal(Duration lifetime) {
        Duration third = lifetime.dividedBy(3);
        return longer(ONE, scale(third, 0.9 + 0.2 * random.nextDouble()));
    }

    /**
     * Until the next attempt after one that failed.
     *
     * @param failures how many have, one after the other, with this one
     * @param left how long something is still held; zero if nothing is
     */
    Duration retry(KnockResult result, int failures, Duration left) {
        Optional<Duration> asked =
                result.reply().filter(Refused.class::isInstance).flatMap(reply -> ((Refused) reply).retryAfter());
        if (asked.isPresent()) {
            Duration wait = longer(ONE, shorter(asked.get(), MOST_WAITED));
            return scale(wait, 1 + 0.1 * random.nextDouble());
        }
        Duration pause = scale(base(result, failures), 0.8 + 0.4 * random.nextDouble());
        // What is held must not end while we wait.
        return left.isZero() ? pause : shorter(pause, longer(ONE, left.dividedBy(4)));
    }

    /** Whether this means that what was held is not so any more. */
    static boolean takenAway(KnockResult result) {
        return result.status() == Status.NOT_AUTHENTICATED
                || result.refusal().filter(TAKEN::contains).isPresent();
    }

    private static Duration base(KnockResult result, int failures) {
        return switch (result.status()) {
            case GRANTED, UNREACHABLE, TIMED_OUT -> growing(failures);
            case WRONG_SERVER -> MEDIUM;
            case NOT_AUTHENTICATED, UNSUPPORTED -> SLOW;
            case REFUSED -> {
                if (result.refusal().filter(SOON::contains).isPresent()) {
                    yield growing(failures);
                }
                boolean later = result.refusal().isEmpty()
                        || result.refusal().filter(LATER::contains).isPresent();
                yield later ? MEDIUM : SLOW;
            }
        };
    }

    private static Duration growing(int failures) {
        return ONE.multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
    }

    private static Duration scale(Duration time, double factor) {
        return Duration.ofMillis(Math.round(time.toMillis() * factor));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? other : one;
    }
}
