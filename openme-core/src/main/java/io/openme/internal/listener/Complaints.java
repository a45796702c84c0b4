package io.openme.internal.listener;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the owner of faults that are not a peer's, seldom enough that no peer can fill a disk with them. */
final class Complaints {
    private static final Logger LOG = LoggerFactory.getLogger(KnockListener.class);
    private static final long PAUSE_NANOS = 60_000_000_000L;

    private final LongSupplier ticker;
    private final AtomicLong next;

    Complaints(LongSupplier ticker) {
        this.ticker = ticker;
        this.next = new AtomicLong(ticker.getAsLong());
    }

    /** Warns, at most once a minute; the others go to DEBUG. Never throws: its callers must go on. */
    void about(String what, Throwable cause) {
        try {
            long now = ticker.getAsLong();
            long due = next.get();
            if (now - due >= 0 && next.compareAndSet(due, now + PAUSE_NANOS)) {
                LOG.warn("{} (said at most once a minute)", what, cause);
            } else {
                LOG.debug("{}", what, cause);
            }
        } catch (Throwable e) {
            // Where memory has run out, a log can fail as well.
        }
    }
}
