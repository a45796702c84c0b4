package io.openme.doorman;

import java.net.InetAddress;
import java.util.Optional;

/**
 * Which addresses can't be a guest's, whatever a policy says: no packet of a guest ever comes from them. Nor are they opened
 * for the client that comes from them, but for loopback.
 */
public final class GuestAddress {
    private GuestAddress() {}

    /** Why this address is refused; empty if it may be a guest's. */
    public static Optional<String> objection(InetAddress address) {
        if (address.isAnyLocalAddress()) {
            return Optional.of("the unspecified address is nobody's");
        }
        if (address.isLoopbackAddress()) {
            return Optional.of("a loopback address is the doorman's own host");
        }
        if (address.isMulticastAddress()) {
            return Optional.of("a multicast address is no source");
        }
        if (address.isLinkLocalAddress()) {
            return Optional.of("a link-local address means another host on each link");
        }
        byte[] bytes = address.getAddress();
        if (bytes.length == 4 && (bytes[0] & bytes[1] & bytes[2] & bytes[3]) == -1) {
            return Optional.of("the broadcast address is no source");
        }
        return Optional.empty();
    }
}
