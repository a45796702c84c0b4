package io.openme.internal.listener;

import io.openme.internal.net.Source;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** Where the peers of the tests come from. */
final class Crowds {
    private Crowds() {}

    /** The host of this number of a /48 that somebody has rented. */
    static Source hostOfASite(int number) {
        return ipv6(0x20010db8_0bad_0000L | number);
    }

    /** One host of the /48 of this number of a /32. */
    static Source siteOfAProvider(int number) {
        return ipv6(0x20010db9_0000_0001L | (long) number << 16);
    }

    /** One host of the provider of this number, of which no other has any. */
    static Source provider(int number) {
        return ipv6((0x2a00_0000L + number) << 32);
    }

    private static Source ipv6(long network) {
        try {
            return Source.of(InetAddress.getByAddress(
                    ByteBuffer.allocate(16).putLong(network).putLong(1).array()));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
