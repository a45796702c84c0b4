package io.openme.internal.time;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** How much of something is told one by one in a while; what is beyond is counted. Safe for use by several threads. */
public final class Quota {
    private final int most;
    private final Duration window;
    private Instant start = Instant.MIN;
    private int written;
    private long more;
    private Instant moreSince = Instant.MIN;

    /**
     * @param most how many are told
     * @param window in what time
     */
    public Quota(int most, Duration window) {
        this.most = most;
        this.window = window;
    }

    /**
     * Those that were not told.
     *
     * @param count how many
     * @param since when the first window began in which there were any
     */
    public record More(long count, Instant since) {}

    /** Whether this one is told; if not, it is counted. */
    public synchronized boolean admit(Instant now) {
        if (isOver(now)) {
            start = now;
            written = 0;
        }
        if (written < most) {
            written++;
            return true;
        }
        moreSince = more == 0 ? start : moreSince;
        more++;
        return false;
    }

    /** Takes those that were counted, once their window is over. */
    public synchronized Optional<More> take(Instant now) {
        return isOver(now) ? takeAll() : Optional.empty();
    }

    /** Takes those that were counted. */
    public synchronized Optional<More> takeAll() {
        Optional<More> taken = more == 0 ? Optional.empty() : Optional.of(new More(more, moreSince));
        more = 0;
        return taken;
    }

    /** Whether the window is over. Also when the clock was turned back: it may not last for years. */
    public synchronized boolean isOver(Instant now) {
        return now.isBefore(start) || Duration.between(start, now).compareTo(window) >= 0;
    }
}
