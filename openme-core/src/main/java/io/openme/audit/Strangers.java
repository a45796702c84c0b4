package io.openme.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** How many refused strangers get a line of their own: anybody can be refused, as often as he likes. */
final class Strangers {
    static final int MOST = 60;
    static final Duration WINDOW = Duration.ofMinutes(1);

    private Instant start = Instant.MIN;
    private int written;
    private long more;
    private Instant moreSince = Instant.MIN;

    /** Those that got no line. */
    record More(long count, Instant since) {}

    /** Whether this one gets a line; if not, it is counted. */
    synchronized boolean admit(Instant now) {
        if (isOver(now)) {
            start = now;
            written = 0;
        }
        if (written < MOST) {
            written++;
            return true;
        }
        moreSince = more == 0 ? start : moreSince;
        more++;
        return false;
    }

    /** Takes those that were counted, once their minute is over. */
    synchronized Optional<More> take(Instant now) {
        return isOver(now) ? takeAll() : Optional.empty();
    }

    /** Takes those that were counted. */
    synchronized Optional<More> takeAll() {
        Optional<More> taken = more == 0 ? Optional.empty() : Optional.of(new More(more, moreSince));
        more = 0;
        return taken;
    }

    /** Also when the clock was turned back: a minute may not last for years. */
    private boolean isOver(Instant now) {
        return now.isBefore(start) || Duration.between(start, now).compareTo(WINDOW) >= 0;
    }
}
