package io.openme.internal.listener;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the owner of faults that are not a peer's, seldom enough that no peer can fill a disk with them. */
final class Complaints {
    private static final Logger LOG = LoggerFactory.getLogger(KnockListener.class);
    private static final long PAUSE_NANOS = 60_000_000_000L;

    /** All there is to complain of. No plain texts: one that is used for the first time takes memory, and there may be none. */
    enum Fault {
        WATCHING("The listener can't watch its connections for a moment"),
        ACCEPTING("The listener can't accept for a moment, for want of descriptors (ulimit -n) or memory"),
        ADMITTING("A new connection was dropped by a fault"),
        SERVING("A connection was dropped by a fault"),
        WORKING("A worker could not go on for a moment");

        private final String text;

        Fault(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private final LongSupplier ticker;
    private final Consumer<Throwable> incurable;
    private final AtomicLong next;
    private volatile boolean starved;

    /**
     * Complaints by this clock of nanoseconds.
     *
     * @param incurable hears, on the thread that it struck, of what does not pass: a class that the JVM could not initialize for
     *     want of memory is lost. Without such a want before, it may be what a peer sent that asks for a class that is not there
     */
    Complaints(LongSupplier ticker, Consumer<Throwable> incurable) {
        this.ticker = ticker;
        this.incurable = incurable;
        this.next = new AtomicLong(ticker.getAsLong());
        // Has them made while there is memory.
        LOG.trace("{}", Fault.WATCHING);
    }

    /** Warns, at most once a minute; the others go to DEBUG. Never throws: its callers must go on. */
    void about(Fault what, Throwable cause) {
        try {
            if (cause instanceof OutOfMemoryError) {
                starved = true;
            } else if (starved && cause instanceof LinkageError) {
                incurable.accept(cause);
            }
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
