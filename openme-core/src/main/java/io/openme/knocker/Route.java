package io.openme.knocker;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How this host gets to a server: what the system decides. */
interface Route {
    /** All addresses of a name, or the one that a literal is; at least one. Blocks as long as the system's look-up does. */
    List<InetAddress> resolve(String host) throws UnknownHostException;

    /** The address of this host to come from; empty lets the system choose. */
    Optional<InetAddress> from();

    /** The address that a connection to this server would come from; empty if there is no way to it. Sends nothing. */
    Optional<InetAddress> towards(InetSocketAddress server);

    /** The system's, with a fixed address to come from if there is one. */
    static Route ofSystem(@Nullable InetAddress from) {
        return new Route() {
            @Override
            public List<InetAddress> resolve(String host) throws UnknownHostException {
                return List.of(InetAddress.getAllByName(host));
            }

            @Override
            public Optional<InetAddress> from() {
                return Optional.ofNullable(from);
            }

            @Override
            public Optional<InetAddress> towards(InetSocketAddress server) {
                // To connect a datagram socket only looks up the route.
                try (DatagramSocket socket = new DatagramSocket(from == null ? null : new InetSocketAddress(from, 0))) {
                    socket.connect(server);
                    return Optional.of(socket.getLocalAddress());
                } catch (IOException e) {
                    return Optional.empty();
                }
            }
        };
    }
}
