package io.openme.internal.listener;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Whom we count as one source: an IPv4 address, or the /64 network that an IPv6 host can take any address of.
 *
 * <p>Comparable so that a hash map of them stays fast when somebody picks addresses whose hashes collide: it then keeps
 * the bucket as a tree.
 */
record Prefix(boolean six, long bits) implements Comparable<Prefix> {
    /** How many networks a prefix is in, itself included: see {@link #network}. */
    static final int LEVELS = 3;

    static Prefix of(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet4Address ? new Prefix(false, bytes.getInt()) : new Prefix(true, bytes.getLong());
    }

    /**
     * The network around it: at level 0 the /32 of IPv6 or the /16 of IPv4, which is about what one provider has; at level 1
     * the /48 or the /24, which is what anybody can get; at level 2 the prefix itself.
     */
    Prefix network(int level) {
        return switch (level) {
            case 0 -> new Prefix(six, bits & (six ? -1L << 32 : -1L << 16));
            case 1 -> new Prefix(six, bits & (six ? -1L << 16 : -1L << 8));
            default -> this;
        };
    }

    @Override
    public int compareTo(Prefix other) {
        return six == other.six ? Long.compare(bits, other.bits) : Boolean.compare(six, other.six);
    }
}
