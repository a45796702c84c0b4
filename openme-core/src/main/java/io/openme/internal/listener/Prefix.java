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
    static Prefix of(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet4Address ? new Prefix(false, bytes.getInt()) : new Prefix(true, bytes.getLong());
    }

    @Override
    public int compareTo(Prefix other) {
        return six == other.six ? Long.compare(bits, other.bits) : Boolean.compare(six, other.six);
    }
}
