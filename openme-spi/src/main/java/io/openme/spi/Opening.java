package io.openme.spi;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Objects;

/**
 * One source address, admitted to one service.
 *
 * @param source a single IPv4 or IPv6 address, without a zone (an IPv4-mapped IPv6 address becomes the IPv4 address)
 * @param service the {@linkplain Service#name() name} of a guarded service
 */
public record Opening(InetAddress source, String service) {
    /** Drops the zone of an IPv6 address: packets carry none. */
    public Opening {
        Objects.requireNonNull(service, "service");
        if (source instanceof Inet6Address) {
            try {
                source = InetAddress.getByAddress(source.getAddress());
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException(e);
            }
        }
    }

    /** {@code 203.0.113.9 -> ssh}. */
    @Override
    public String toString() {
        return source.getHostAddress() + " -> " + service;
    }
}
