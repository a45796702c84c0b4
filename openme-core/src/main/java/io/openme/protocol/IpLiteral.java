package io.openme.protocol;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * Addresses as text, and nothing but addresses: what a peer sent is never looked up as a host name.
 *
 * <p>The JDK's own parsers either fall back to a name lookup or take forms such as {@code 127.1} and zones.
 */
public final class IpLiteral {
    private static final int MAX_LENGTH = 45;

    private IpLiteral() {}

    /**
     * Reads an IPv4 address in dotted decimal, without leading zeros (other programs read those as octal), or an IPv6
     * address in any form of RFC 4291, without a zone. An IPv4-mapped IPv6 address becomes the IPv4 address.
     *
     * @return empty if the text is anything else: a host name, a prefix, an address with a zone
     */
    public static Optional<InetAddress> parse(String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        byte[] bytes = new byte[text.indexOf(':') < 0 ? 4 : 16];
        boolean valid = bytes.length == 4 ? readV4(text, bytes, 0) : readV6(text, bytes);
        return valid ? Optional.of(address(bytes)) : Optional.empty();
    }

    /** The address in canonical form: dotted decimal, or RFC 5952 for IPv6. A zone is left out. */
    public static String format(InetAddress address) {
        return address instanceof Inet6Address ? formatV6(address.getAddress()) : address.getHostAddress();
    }

    private static boolean readV4(String text, byte[] into, int at) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return false;
        }
        for (int i = 0; i < 4; i++) {
            int value = number(parts[i], 10, 3);
            if (value < 0 || value > 255 || (parts[i].length() > 1 && parts[i].charAt(0) == '0')) {
                return false;
            }
            into[at + i] = (byte) value;
        }
        return true;
    }

    private static boolean readV6(String text, byte[] into) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            return readGroups(text, into, 0) == 16;
        }
        byte[] tail = new byte[16];
        int before = gap == 0 ? 0 : readGroups(text.substring(0, gap), into, 0);
        int after = gap + 2 == text.length() ? 0 : readGroups(text.substring(gap + 2), tail, 0);
        // The gap stands for at least one group (RFC 4291, 2.2); an IPv4 tail is only right at the end.
        if (before < 0
                || after < 0
                || before + after > 14
                || text.substring(0, gap).indexOf('.') >= 0) {
            return false;
        }
        System.arraycopy(tail, 0, into, 16 - after, after);
        return true;
    }

    /** Reads groups up to the end of the text; the number of bytes that they fill, or -1. */
    private static int readGroups(String text, byte[] into, int at) {
        String[] groups = text.split(":", -1);
        for (int i = 0; i < groups.length; i++) {
            if (i == groups.length - 1 && groups[i].indexOf('.') >= 0) {
                return at <= 12 && readV4(groups[i], into, at) ? at + 4 : -1;
            }
            int value = number(groups[i], 16, 4);
            if (value < 0 || at > 14) {
                return -1;
            }
            into[at++] = (byte) (value >> 8);
            into[at++] = (byte) value;
        }
        return at;
    }

    private static int number(String digits, int radix, int most) {
        if (digits.isEmpty() || digits.length() > most) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < digits.length(); i++) {
            // Character.digit takes digits of every script.
            int digit = digits.charAt(i) < 128 ? Character.digit(digits.charAt(i), radix) : -1;
            if (digit < 0) {
                return -1;
            }
            value = value * radix + digit;
        }
        return value;
    }

    private static String formatV6(byte[] bytes) {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
        }
        int gap = -1;
        int gapLength = 1;
        for (int i = 0; i < 8; i++) {
            int length = 0;
            while (i + length < 8 && groups[i + length] == 0) {
                length++;
            }
            if (length > gapLength) {
                gap = i;
                gapLength = length;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == gap) {
                text.append("::");
                i += gapLength - 1;
            } else {
                text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":")
                        .append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are an address", e);
        }
    }
}
