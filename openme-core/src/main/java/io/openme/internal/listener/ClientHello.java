package io.openme.internal.listener;

/**
 * Tells from its first bytes whether a peer begins a TLS handshake.
 *
 * <p>Everything behind this gate costs a millisecond of cryptography and kilobytes of memory, so nothing passes but one
 * complete record that holds one complete ClientHello. A ClientHello in several records is legal and no common client
 * sends one.
 */
final class ClientHello {
    /** The longest record that passes. The common clients send 200 to 600 bytes, with post-quantum keys below 2,000. */
    static final int LONGEST = 4096;

    /** The shortest possible: version, random, no session, one cipher suite, one compression method. */
    private static final int SHORTEST = 4 + 2 + 32 + 1 + 2 + 2 + 2;

    private static final int HEADER = 5;

    /** What the bytes are. */
    enum Verdict {
        /** Possibly the beginning of one. */
        MORE,
        /** One, perhaps with something behind it. */
        COMPLETE,
        /** Not one. */
        NOT_ONE
    }

    private ClientHello() {}

    /** Looks at what a peer has sent so far. */
    static Verdict judge(byte[] bytes, int length) {
        boolean plausible = at(bytes, length, 0, 0x16, 0x16)
                && at(bytes, length, 1, 3, 3)
                && at(bytes, length, 2, 0, 4)
                && at(bytes, length, 5, 1, 1)
                && at(bytes, length, 6, 0, 0)
                && at(bytes, length, 9, 3, 3)
                && at(bytes, length, 10, 0, 4);
        if (!plausible) {
            return Verdict.NOT_ONE;
        }
        if (length < HEADER) {
            return Verdict.MORE;
        }
        int record = number(bytes, 3);
        if (record < SHORTEST || record > LONGEST - HEADER || (length >= 9 && number(bytes, 7) != record - 4)) {
            return Verdict.NOT_ONE;
        }
        return length < HEADER + record ? Verdict.MORE : Verdict.COMPLETE;
    }

    private static boolean at(byte[] bytes, int length, int index, int lowest, int highest) {
        return length <= index || (bytes[index] >= lowest && bytes[index] <= highest);
    }

    private static int number(byte[] bytes, int index) {
        return (bytes[index] & 0xff) << 8 | (bytes[index + 1] & 0xff);
    }
}
