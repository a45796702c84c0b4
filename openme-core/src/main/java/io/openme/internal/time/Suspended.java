package io.openme.internal.time;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * For how long the host was suspended: {@link System#nanoTime()} stands still meanwhile, the host's uptime does not. Where nobody
 * tells the uptime, it never was. Safe for use by several threads.
 */
final class Suspended {
    /** Looking costs a few microseconds, so not each time that somebody asks for the time. */
    static final Duration LOOK_EVERY = Duration.ofMillis(250);
    /** The uptime is in hundredths of a second. */
    static final Duration LEAST = Duration.ofSeconds(1);
    /** Whoever waited longer between two clocks can't compare them. */
    private static final Duration AT_ONCE = Duration.ofMillis(50);

    private final Supplier<Optional<Duration>> uptime;
    private final LongSupplier nanoTime;
    private Optional<Duration> awake = Optional.empty();
    private Duration suspended = Duration.ZERO;
    private long looked;

    Suspended(Supplier<Optional<Duration>> uptime, LongSupplier nanoTime) {
        this.uptime = uptime;
        this.nanoTime = nanoTime;
        look();
    }

    /** Since this was made; never less than before. */
    synchronized Duration time() {
        if (nanoTime.getAsLong() - looked >= LOOK_EVERY.toNanos()) {
            look();
        }
        return suspended;
    }

    private void look() {
        long before = nanoTime.getAsLong();
        Optional<Duration> up = uptime.get();
        looked = nanoTime.getAsLong();
        if (up.isEmpty() || looked - before > AT_ONCE.toNanos()) {
            return;
        }
        Duration ahead = up.get().minusNanos(looked);
        awake = awake.or(() -> Optional.of(ahead));
        Duration since = ahead.minus(awake.get());
        if (since.minus(suspended).compareTo(LEAST) >= 0) {
            suspended = since;
        }
    }
}
