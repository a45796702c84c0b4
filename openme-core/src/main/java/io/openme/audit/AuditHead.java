package io.openme.audit;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Where an audit log ends: the last line's number and hash. Whoever keeps it elsewhere finds out later if anything up to
 * there was changed.
 *
 * @param sequence the number of the line; the first is 1, and 0 stands for no line at all
 * @param hash the SHA-256 of the line, its line end included, 64 lower-case hexadecimal digits; what {@code sha256sum} says
 */
public record AuditHead(long sequence, String hash) {
    /** Before the first line. */
    static final AuditHead NONE = new AuditHead(0, "0".repeat(64));

    /** @throws IllegalArgumentException if the number is negative, or the hash none */
    public AuditHead {
        if (sequence < 0 || !isHash(hash)) {
            throw new IllegalArgumentException("line " + sequence + " with hash \"" + hash
                    + "\" is no head; it is a number and 64 lower-case hexadecimal digits");
        }
    }

    /** Whether the text could be a line's hash. */
    static boolean isHash(String text) {
        return text.length() == 64 && text.chars().allMatch(c -> "0123456789abcdef".indexOf(c) >= 0);
    }

    /** The next one.
     *
     * @param line with its line end
     */
    AuditHead then(byte[] line) {
        return new AuditHead(sequence + 1, hash(line));
    }

    static String hash(byte[] line) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(line));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** {@code line 17, 9f86d0...}. */
    @Override
    public String toString() {
        return "line " + sequence + ", " + hash;
    }
}
