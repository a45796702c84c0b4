package io.openme.iptables;

import io.openme.spi.Change;
import io.openme.spi.Opening;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;

/** Values of tests. */
final class Addresses {
    static final InetAddress SOURCE4 = address("203.0.113.9");
    static final InetAddress SOURCE6 = address("2001:db8::9");

    private Addresses() {}

    static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal); // a literal: nobody is asked
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static Change.Open open(InetAddress source, String service, Duration lifetime) {
        return new Change.Open(new Opening(source, service), lifetime);
    }

    static Change.Open open(InetAddress source, String service) {
        return open(source, service, Duration.ofHours(1));
    }

    static Change.Close close(InetAddress source, String service) {
        return new Change.Close(new Opening(source, service));
    }
}
