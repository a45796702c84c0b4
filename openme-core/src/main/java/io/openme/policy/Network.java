package io.openme.policy;

import io.openme.protocol.IpLiteral;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * A network of IP addresses: {@code 203.0.113.0/24}, {@code 2001:db8::/32}.
 *
 * <p>IPv4 and IPv6 are apart: {@code ::/0} holds no IPv4 address. An IPv4-mapped IPv6 address is the IPv4 address that it
 * stands for, here as everywhere.
 *
 * @param address the first one, without a zone
 * @param prefix how many leading bits the others share with it; 0 to 32, for IPv6 to 128
 */
public record Network(InetAddress address, int prefix) {
    private static final int MAPPED_PREFIX = 96;

    /** @throws IllegalArgumentException if the prefix is out of bounds, or the address has bits set beyond it */
    public Network {
        address = plain(address);
        int bits = address.getAddress().length * 8;
        if (prefix < 0 || prefix > bits) {
            throw new IllegalArgumentException(
                    "/" + prefix + " is out of bounds after " + IpLiteral.format(address) + "; it is /0 to /" + bits);
        }
        InetAddress first = first(address, prefix);
        if (!first.equals(address)) {
            String text = IpLiteral.format(address);
            throw new IllegalArgumentException(text + "/" + prefix + " has bits set beyond its prefix; write "
                    + IpLiteral.format(first) + "/" + prefix + " for the network, or " + text + "/" + bits
                    + " for this address alone");
        }
    }

    /**
     * Reads {@code 203.0.113.0/24}, {@code 2001:db8::/32}, or one address, which is a network of its own.
     *
     * @throws IllegalArgumentException if it is anything else, with a message for a person
     */
    public static Network parse(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        Optional<InetAddress> address = IpLiteral.parse(literal);
        int prefix = slash < 0 ? 0 : number(text.substring(slash + 1));
        if (address.isEmpty() || prefix < 0) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no network; write it as 203.0.113.0/24, 2001:db8::/32 or 203.0.113.9");
        }
        int bits = address.get().getAddress().length * 8;
        if (slash < 0) {
            return new Network(address.get(), bits);
        }
        boolean mapped = bits == 32 && literal.indexOf(':') >= 0;
        if (mapped && prefix < MAPPED_PREFIX) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is an IPv4 network and more; write the IPv4 network, such" + " as 0.0.0.0/0");
        }
        return new Network(address.get(), mapped ? prefix - MAPPED_PREFIX : prefix);
    }

    /** Whether this address is one of the network's. A zone does not count. */
    public boolean contains(InetAddress other) {
        InetAddress plain = plain(other);
        return plain.getAddress().length == address.getAddress().length
                && first(plain, prefix).equals(address);
    }

    /** {@code 203.0.113.0/24}, which {@link #parse} reads back. */
    @Override
    public String toString() {
        return IpLiteral.format(address) + "/" + prefix;
    }

    private static int number(String digits) {
        boolean plain = digits.matches("0|[1-9][0-9]{0,2}");
        return plain ? Integer.parseInt(digits) : -1;
    }

    /** Without the bits beyond the prefix. */
    private static InetAddress first(InetAddress address, int prefix) {
        byte[] bytes = address.getAddress();
        for (int i = 0; i < bytes.length; i++) {
            int kept = Math.max(0, Math.min(8, prefix - 8 * i));
            bytes[i] &= (byte) (0xff << (8 - kept));
        }
        return of(bytes);
    }

    /** Without a zone, and IPv4 where it is IPv4-mapped: that is what the JDK makes of the bytes. */
    private static InetAddress plain(InetAddress address) {
        return of(address.getAddress());
    }

    private static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are an address", e);
        }
    }
}
