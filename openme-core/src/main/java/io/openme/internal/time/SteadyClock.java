package io.openme.internal.time;

import io.openme.internal.state.HostUptime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Begins at the system's date and then follows {@link System#nanoTime()}, and the host's uptime across what it was suspended:
 * setting the system's clock neither prolongs nor shortens what is measured by it, nor does closing the lid.
 */
public final class SteadyClock extends Clock {
    private final Instant origin;
    private final long originNanos;
    private final LongSupplier nanoTime;
    private final Suspended suspended;
    private final ZoneId zone;

    /** A clock that begins now, in UTC. */
    public SteadyClock() {
        this(Instant.now(), () -> HostUptime.now().map(HostUptime::uptime), System::nanoTime);
    }

    SteadyClock(Instant origin, Supplier<Optional<Duration>> uptime, LongSupplier nanoTime) {
        this(origin, nanoTime.getAsLong(), nanoTime, new Suspended(uptime, nanoTime), ZoneOffset.UTC);
    }

    private SteadyClock(Instant origin, long originNanos, LongSupplier nanoTime, Suspended suspended, ZoneId zone) {
        this.origin = origin;
        this.originNanos = originNanos;
        this.nanoTime = nanoTime;
        this.suspended = suspended;
        this.zone = zone;
    }

    @Override
    public Instant instant() {
        Duration asleep = suspended.time();
        return origin.plusNanos(nanoTime.getAsLong() - originNanos).plus(asleep);
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    @Override
    public Clock withZone(ZoneId other) {
        return new SteadyClock(origin, originNanos, nanoTime, suspended, other);
    }
}
