package io.openme.knocker;

import io.openme.internal.tls.ClientTls;
import io.openme.knocker.KnockResult.Status;
import io.openme.knocker.KnockSocket.Deadline;
import io.openme.protocol.IpLiteral;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whom to knock at, and how. */
record Target(String host, int port, Duration timeout, ClientTls tls, Route route) {
    /** The families that its addresses can have: one for a literal, or where to come from is fixed. */
    List<StandardProtocolFamily> families() {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        return IpLiteral.parse(bare)
                .or(route::from)
                .map(address -> List.of(familyOf(address)))
                .orElse(List.of(StandardProtocolFamily.INET, StandardProtocolFamily.INET6));
    }

    /** Whether its name has addresses, but none of this family. */
    boolean lacks(StandardProtocolFamily family) {
        try {
            return of(family).isEmpty();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /**
     * Connects to the first of its addresses that can be.
     *
     * @param family only addresses of this family; null for all
     */
    Link dial(@Nullable StandardProtocolFamily family, Deadline deadline) throws KnockFailure {
        List<InetAddress> addresses;
        try {
            addresses = of(family);
        } catch (UnknownHostException e) {
            throw new KnockFailure(
                    Status.UNREACHABLE, "the name " + host + " has no address; check it, or name an address", null);
        }
        List<String> failures = new ArrayList<>();
        boolean late = false;
        for (int i = 0; i < addresses.size(); i++) {
            InetSocketAddress server = new InetSocketAddress(addresses.get(i), port);
            KnockSocket socket = new KnockSocket(deadline);
            try {
                // The handshake's last message and the command are two small writes: Nagle's algorithm would hold the
                // second back until the first is acknowledged, some 40 ms.
                socket.setTcpNoDelay(true);
                Optional<InetAddress> from = route.from();
                socket.bind(from.isEmpty() ? null : new InetSocketAddress(from.get(), 0));
                // Each address gets its share of the time: one that swallows packets must not cost the others theirs.
                socket.connect(server, Math.max(1, deadline.millisLeft() / (addresses.size() - i)));
            } catch (IOException e) {
                socket.closeQuietly();
                late |= e instanceof SocketTimeoutException;
                failures.add(Failures.text(server) + ": " + e.getMessage());
                continue;
            }
            return Link.secure(this, socket, server);
        }
        throw new KnockFailure(
                late ? Status.TIMED_OUT : Status.UNREACHABLE,
                "can't connect to " + String.join(", ", failures) + "; is a doorman listening there?",
                null);
    }

    /** The address of this family that is tried first; empty if there is none. */
    Optional<InetSocketAddress> first(StandardProtocolFamily family) {
        try {
            return of(family).stream().findFirst().map(address -> new InetSocketAddress(address, port));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private List<InetAddress> of(@Nullable StandardProtocolFamily family) throws UnknownHostException {
        return route.resolve(host).stream()
                .filter(address -> family == null || familyOf(address) == family)
                .toList();
    }

    private static StandardProtocolFamily familyOf(InetAddress address) {
        return address instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    }
}
