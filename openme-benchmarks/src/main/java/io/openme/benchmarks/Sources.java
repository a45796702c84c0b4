package io.openme.benchmarks;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Addresses of clients, as many as needed. */
final class Sources {
    /** All of them are in here. */
    static final String NETWORK = "10.0.0.0/8";

    private Sources() {}

    /** The address of this number, 0 to 16 million. */
    static InetAddress of(int number) {
        int host = number + 1;
        try {
            return InetAddress.getByAddress(new byte[] {10, (byte) (host >>> 16), (byte) (host >>> 8), (byte) host});
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
