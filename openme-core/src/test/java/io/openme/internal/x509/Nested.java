package io.openme.internal.x509;

/** What fills the stack of JDK 17. */
public final class Nested {
    private static final int DEPTH = 100_000;

    private Nested() {}

    /** Sequences in sequences, each of which says that its length is not known yet. */
    public static byte[] sequences() {
        byte[] nested = new byte[2 * DEPTH];
        for (int i = 0; i < nested.length; i += 2) {
            nested[i] = 0x30;
            nested[i + 1] = (byte) 0x80;
        }
        return nested;
    }
}
