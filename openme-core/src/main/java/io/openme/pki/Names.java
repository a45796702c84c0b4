package io.openme.pki;

import io.openme.internal.text.Printable;
import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.util.IPAddress;

/** Which names a CA accepts. */
final class Names {
    /** Safe as a file's name on any system: no separators, no leading dot or dash, no trailing dot. */
    private static final Pattern FILE = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._@-]{0,62}[A-Za-z0-9])?");

    private static final Pattern COMMON_NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._@()'-]{0,63}");

    private static final Pattern DNS = Pattern.compile(
            "(?=.{1,253}$)(\\*\\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");

    private static final int LONGEST_LABEL = 64;
    private static final int SAFE_PART = 40;

    private Names() {}

    /** A name that a certificate is issued to, and that its files bear. */
    static String checkIssued(String name) {
        if (!isIssued(name)) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" is no name for a certificate; it takes up to 64 letters,"
                            + " digits and . _ - @, with a letter or digit at both ends, and is not \"ca\","
                            + " such as alice or alice-laptop");
        }
        return name;
    }

    /**
     * What a certificate that somebody else issued is called here: its name as it is, but in one line, without what a
     * terminal would obey, and no longer than 64 characters.
     */
    static String label(String name) {
        String label = Printable.line(name.strip(), LONGEST_LABEL);
        return label.isEmpty() ? "?" : label.strip();
    }

    /** A label that this class made. */
    static String checkLabel(String label) {
        if (!label(label).equals(label)) {
            throw new IllegalArgumentException("\"" + label(label) + "\" would be the label");
        }
        return label;
    }

    /** What the files of a certificate with this label are called: always the same, and different for each label. */
    static String file(String label) {
        if (isIssued(label)) {
            return label;
        }
        String safe = label.replaceAll("[^A-Za-z0-9._@-]", "_");
        return "imported-" + safe.substring(0, Math.min(safe.length(), SAFE_PART)) + "-" + hash(label);
    }

    private static String hash(String label) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(label.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static boolean isIssued(String name) {
        return FILE.matcher(name).matches() && !name.equalsIgnoreCase("ca");
    }

    /** The name of a CA itself, which is never a file's. */
    static String checkAuthority(String name) {
        if (!COMMON_NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" is no name for a CA; it takes up to 64 letters, digits,"
                            + " spaces and . _ - @ ( ) ', beginning with a letter or digit, such as openme CA");
        }
        return name;
    }

    /** What a server is reached by, an address or a host name, as an entry of its certificate. */
    static GeneralName alternative(String name) {
        if (IPAddress.isValid(name)) {
            return new GeneralName(GeneralName.iPAddress, name);
        }
        String ascii;
        try {
            ascii = IDN.toASCII(name).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            ascii = "";
        }
        if (!DNS.matcher(ascii).matches()) {
            throw new IllegalArgumentException("\"" + name + "\" is neither a host name nor an IP address, so a server"
                    + " can't be reached by it; write it as door.example.org or 192.0.2.7");
        }
        return new GeneralName(GeneralName.dNSName, ascii);
    }
}
