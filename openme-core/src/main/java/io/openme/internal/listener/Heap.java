package io.openme.internal.listener;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps strangers from using up the memory of this process, which an embedder's server may need as well. */
final class Heap {
    /** What a connection costs at the very worst: its handshake, and a record that is not complete. */
    static final int WORST_BYTES = 30 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(KnockListener.class);

    private Heap() {}

    /** As many connections as are wanted, or as the heap of this process can hold, which is logged then. */
    static int connections(int wanted) {
        long bytes = Runtime.getRuntime().maxMemory();
        int possible = connections(wanted, bytes);
        if (possible < wanted) {
            LOG.warn(
                    "At most {} peers can be connected at once instead of {}, as this process may have {} MB of heap;"
                            + " raise that (-Xmx) to hold out against more",
                    possible,
                    wanted,
                    bytes >> 20);
        }
        return possible;
    }

    /** The wanted number, as long as two fifths of a heap of this size are left when each of them is at its worst. */
    static int connections(int wanted, long bytes) {
        return (int) Math.max(1, Math.min(wanted, bytes / 5 * 3 / WORST_BYTES));
    }
}
