package io.openme.internal.listener;

import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Binds the sockets to listen on. */
final class Doors {
    /** The kernel takes less if {@code net.core.somaxconn} is lower. */
    private static final int BACKLOG = 4096;

    /** A knock fits in several times; more would only let a peer fill the kernel's memory. */
    private static final int RECEIVE_BUFFER = 32 * 1024;

    private Doors() {}

    /**
     * Binds all or none. A wildcard of IPv6 takes IPv4 too, so one of IPv4 on the same port is left out; and on a host
     * without IPv6 it is one of IPv4.
     *
     * @throws OpenmeException if one can't be bound; none is bound then
     */
    static List<ServerSocketChannel> bind(List<InetSocketAddress> addresses) {
        List<ServerSocketChannel> bound = new ArrayList<>();
        try {
            for (InetSocketAddress address : addresses) {
                if (!isCovered(address, addresses)) {
                    bound.add(bind(address));
                }
            }
            return List.copyOf(bound);
        } catch (RuntimeException e) {
            close(bound);
            throw e;
        }
    }

    /** Closes all of them. Idempotent. */
    static void close(List<ServerSocketChannel> doors) {
        for (ServerSocketChannel door : doors) {
            try {
                door.close();
            } catch (IOException e) {
                // The descriptor is gone all the same.
            }
        }
    }

    /** The address that this socket is bound to. */
    static InetSocketAddress address(ServerSocketChannel door) {
        try {
            return (InetSocketAddress) Objects.requireNonNull(door.getLocalAddress(), "local address");
        } catch (IOException e) {
            throw new OpenmeException("the listener is closed; ask for its addresses while it runs", e);
        }
    }

    private static boolean isCovered(InetSocketAddress address, List<InetSocketAddress> all) {
        return isWildcard(address)
                && !isSix(address)
                && all.stream()
                        .anyMatch(other -> isWildcard(other) && isSix(other) && other.getPort() == address.getPort());
    }

    private static boolean isWildcard(InetSocketAddress address) {
        return !address.isUnresolved() && address.getAddress().isAnyLocalAddress();
    }

    private static boolean isSix(InetSocketAddress address) {
        return address.getAddress() instanceof Inet6Address;
    }

    private static ServerSocketChannel bind(InetSocketAddress address) {
        if (address.isUnresolved()) {
            throw new OpenmeException("can't listen on " + address.getHostString()
                    + ": that name has no address; use an address of this host, such as 0.0.0.0");
        }
        try {
            return isSix(address)
                    ? bindSix(address)
                    : bind(ServerSocketChannel.open(StandardProtocolFamily.INET), address);
        } catch (IOException | UnsupportedAddressTypeException e) {
            throw new OpenmeException("can't listen on " + text(address) + ": " + advice(e), e);
        }
    }

    private static ServerSocketChannel bindSix(InetSocketAddress address) throws IOException {
        // Without a family and with the JVM's own wildcard it is IPv6 where there is IPv6, else IPv4.
        return bind(
                ServerSocketChannel.open(), isWildcard(address) ? new InetSocketAddress(address.getPort()) : address);
    }

    private static ServerSocketChannel bind(ServerSocketChannel door, InetSocketAddress address) throws IOException {
        try {
            door.configureBlocking(false);
            door.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
            return door.bind(address, BACKLOG);
        } catch (IOException | RuntimeException e) {
            door.close();
            throw e;
        }
    }

    private static String advice(Exception failure) {
        String message = Objects.requireNonNullElse(failure.getMessage(), "").toLowerCase(Locale.ROOT);
        if (message.contains("in use")) {
            return "the port is taken; stop the program that has it (ss -ltnp shows it), or choose another port";
        }
        if (message.contains("permission denied")) {
            return "this user may not; use a port above 1023, or give the program CAP_NET_BIND_SERVICE";
        }
        if (message.contains("cannot assign")) {
            return "no interface of this host has that address; use one that ip address shows, or a wildcard";
        }
        if (failure instanceof UnsupportedAddressTypeException || message.contains("family")) {
            return "this host or JVM has no IPv6; use an IPv4 address";
        }
        return message.isEmpty() ? failure.toString() : message;
    }

    private static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (isSix(address) ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
