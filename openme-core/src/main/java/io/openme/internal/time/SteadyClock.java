package io.openme.internal.time;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * Begins at the system's date and then follows {@link System#nanoTime()}: setting the system's clock neither prolongs nor
 * shortens what is measured by it. The kernel counts the timeouts of its sets in the same way.
 */
public final class SteadyClock extends Clock {
    private final Instant origin;
    private final long originNanos;
    private final ZoneId zone;

    /** A clock that begins now, in UTC. */
    public SteadyClock() {
        this(Instant.now(), System.nanoTime(), ZoneOffset.UTC);
    }

    private SteadyClock(Instant origin, long originNanos, ZoneId zone) {
        this.origin = origin;
        this.originNanos = originNanos;
        this.zone = zone;
    }

    @Override
    public Instant instant() {
        return origin.plusNanos(System.nanoTime() - originNanos);
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    @Override
    public Clock withZone(ZoneId other) {
        return new SteadyClock(origin, originNanos, other);
    }
}
