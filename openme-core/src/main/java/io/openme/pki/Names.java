package io.openme.pki;

import java.net.IDN;
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

    private Names() {}

    /** A name that a certificate is issued to, and that its files bear. */
    static String checkIssued(String name) {
        if (!FILE.matcher(name).matches() || name.equalsIgnoreCase("ca")) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" is no name for a certificate; it takes up to 64 letters,"
                            + " digits and . _ - @, with a letter or digit at both ends, and is not \"ca\","
                            + " such as alice or alice-laptop");
        }
        return name;
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
