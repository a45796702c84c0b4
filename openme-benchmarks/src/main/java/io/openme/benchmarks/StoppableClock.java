package io.openme.benchmarks;

import io.openme.internal.time.SteadyClock;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/** A clock that stands still on request, and then goes on as if it never had: what begins meanwhile begins at one instant. */
final class StoppableClock extends Clock {
    private final Clock running = new SteadyClock();
    private volatile @Nullable Instant stopped;

    void stop() {
        stopped = running.instant();
    }

    void go() {
        stopped = null;
    }

    @Override
    public Instant instant() {
        Instant still = stopped;
        return still == null ? running.instant() : still;
    }

    @Override
    public ZoneId getZone() {
        return running.getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("UTC only");
    }
}
