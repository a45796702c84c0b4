package io.openme.internal.listener;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The bytes of a peer that are left over between two steps.
 *
 * <p>The array stays while there are any: a peer that sends a record byte by byte would else cost a new one each time.
 */
final class Leftovers {
    private static final byte[] NONE = {};

    private byte[] bytes = NONE;
    private int length;

    /** What is left over, from its beginning; there may be something else behind {@link #length}. */
    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** Moves everything into this buffer. */
    void take(ByteBuffer to) {
        to.put(bytes, 0, length);
        length = 0;
    }

    /** Adds these bytes. */
    void keep(ByteBuffer more) {
        int all = length + more.remaining();
        if (all == 0) {
            bytes = NONE;
        } else if (all > bytes.length) {
            // No more than twice what the peer has sent, whatever it has announced.
            bytes = Arrays.copyOf(bytes, Math.max(all, Math.min(2 * bytes.length, Knock.MOST_BYTES)));
        }
        more.get(bytes, length, more.remaining());
        length = all;
    }
}
