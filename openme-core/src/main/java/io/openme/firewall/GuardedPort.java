package io.openme.firewall;

import io.openme.spi.OpenmeException;
import io.openme.spi.Service.Established;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TCP port in front of a server that can't ask a firewall itself: strangers are reset at accept, before the server sees
 * a byte; what an {@link InProcessFirewall} admits is passed on.
 *
 * <p>The server listens on loopback and sees connections from there. A connection that was admitted lives until one of its
 * ends closes it, or is found to have vanished: keep-alive probes begin after 5 silent minutes where the host lets us
 * choose, else after what it is set to; or, if that was asked for, until the firewall admits it no longer. Two threads serve
 * each connection, so this is for a handful of users: at most 256 connections at once, 64 of them from one IPv4 address
 * or one IPv6 /64 network. Beyond that a newcomer is reset.
 */
public final class GuardedPort implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedPort.class);
    private static final int MOST_CONNECTIONS = 256;
    private static final int MOST_OF_A_HOST = 64;
    private static final Duration CONNECT_TIME = Duration.ofSeconds(5);
    private static final Duration PAUSE_AFTER_ERROR = Duration.ofMillis(100);
    private static final Duration CUT_INTERVAL = Duration.ofSeconds(1);
    private static final Duration KEEP_ALIVE_IDLE = Duration.ofMinutes(5);
    private static final Duration KEEP_ALIVE_INTERVAL = Duration.ofSeconds(30);

    private final ServerSocket listening;
    private final InProcessFirewall firewall;
    private final String service;
    private final InetSocketAddress server;
    private final Places places = new Places(MOST_CONNECTIONS, MOST_OF_A_HOST);
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
    private final Set<Socket> behind = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);

    private GuardedPort(ServerSocket listening, InProcessFirewall firewall, String service, InetSocketAddress server) {
        this.listening = listening;
        this.firewall = firewall;
        this.service = service;
        this.server = server;
    }

    /**
     * Listens on {@code address} from now on, and passes on to {@code server} whom {@code firewall} admits to
     * {@code service}. What is connected when an opening ends stays connected.
     *
     * @param address port 0 takes a free one
     * @throws OpenmeException if the address can't be listened on
     */
    public static GuardedPort open(
            InetSocketAddress address, InProcessFirewall firewall, String service, InetSocketAddress server) {
        return open(address, firewall, service, server, Established.KEEP);
    }

    /**
     * Listens on {@code address} from now on, and passes on to {@code server} whom {@code firewall} admits to
     * {@code service}.
     *
     * @param address port 0 takes a free one
     * @param established whether what is connected when its opening ends stays connected, or is closed within about a
     *     second, by one more thread
     * @throws OpenmeException if the address can't be listened on
     */
    public static GuardedPort open(
            InetSocketAddress address,
            InProcessFirewall firewall,
            String service,
            InetSocketAddress server,
            Established established) {
        ServerSocket listening = null;
        try {
            listening = new ServerSocket();
            listening.bind(address);
        } catch (IOException e) {
            closeQuietly(listening);
            throw new OpenmeException(
                    "can't listen on " + address + ": " + e.getMessage()
                            + "; choose another address or stop what listens there",
                    e);
        }
        return open(listening, firewall, service, server, established);
    }

    /** Accepts by this socket, which is bound. */
    static GuardedPort open(
            ServerSocket listening,
            InProcessFirewall firewall,
            String service,
            InetSocketAddress server,
            Established established) {
        GuardedPort port = new GuardedPort(listening, firewall, service, server);
        start(port::acceptAll, "openme-guard-" + service);
        if (established == Established.CUT) {
            start(port::cutAll, "openme-guard-" + service + "-cut");
        }
        return port;
    }

    /** The port listened on. */
    public int port() {
        return listening.getLocalPort();
    }

    /** Stops listening and ends every connection. Idempotent. */
    @Override
    public void close() {
        closeQuietly(listening);
        closed.countDown();
        clients.forEach(GuardedPort::closeQuietly);
        behind.forEach(GuardedPort::closeQuietly);
    }

    /** Closes, until this is closed, whom the firewall does not admit any more. */
    private void cutAll() {
        try {
            while (!closed.await(CUT_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                clients.stream().filter(c -> !isAdmitted(c)).forEach(GuardedPort::closeQuietly);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isAdmitted(Socket client) {
        try {
            return firewall.admits(client.getInetAddress(), service);
        } catch (RuntimeException e) {
            // Uncertain means closed.
            LOG.warn("Guarded port {} can't tell who is admitted: {}", port(), e.toString());
            return false;
        }
    }

    private void acceptAll() {
        while (!listening.isClosed()) {
            try {
                acceptOne();
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                if (!listening.isClosed()) {
                    LOG.warn("Guarded port {} can't accept: {}", port(), e.toString());
                    pause();
                }
            }
        }
    }

    private void acceptOne() throws IOException {
        Socket client = listening.accept();
        try {
            admit(client);
        } catch (IOException e) {
            // It was reset already, or its peer would halt everybody by resetting one after the other.
            LOG.debug("A connection to guarded port {} ended at once: {}", port(), e.toString());
        }
    }

    private void admit(Socket client) throws IOException {
        boolean counted = false;
        boolean served = false;
        try {
            counted = firewall.admits(client.getInetAddress(), service) && places.take(client.getInetAddress());
            if (!counted) {
                client.setOption(StandardSocketOptions.SO_LINGER, 0);
                return;
            }
            noticeIfItVanishes(client);
            clients.add(client);
            start(() -> serve(client), "openme-guard-" + service + "-in");
            served = true;
        } finally {
            if (!served) {
                clients.remove(client);
                closeQuietly(client);
                if (counted) {
                    places.giveBack(client.getInetAddress());
                }
            }
        }
    }

    /** A phone that loses its network says no good-bye, and would hold its place until a restart. */
    private static void noticeIfItVanishes(Socket socket) throws IOException {
        socket.setKeepAlive(true);
        for (SocketOption<?> option : socket.supportedOptions()) {
            // By their names, since their class is in a module that needs not be there. The usual first probe comes
            // after
            // 2 hours; a busy connection sends none at all.
            switch (option.name()) {
                case "TCP_KEEPIDLE" -> setSeconds(socket, option, KEEP_ALIVE_IDLE);
                case "TCP_KEEPINTERVAL" -> setSeconds(socket, option, KEEP_ALIVE_INTERVAL);
                default -> {}
            }
        }
    }

    @SuppressWarnings("unchecked") // What has one of these names is an Integer: see jdk.net.ExtendedSocketOptions.
    private static void setSeconds(Socket socket, SocketOption<?> option, Duration time) throws IOException {
        socket.setOption((SocketOption<Integer>) option, (int) time.toSeconds());
    }

    private void serve(Socket client) {
        try (client;
                Socket within = new Socket()) {
            behind.add(within);
            if (listening.isClosed()) {
                return;
            }
            noticeIfItVanishes(within);
            within.connect(server, (int) CONNECT_TIME.toMillis());
            Thread back = start(() -> pass(within, client), "openme-guard-" + service + "-out");
            pass(client, within);
            back.join();
        } catch (IOException e) {
            LOG.debug("Connection through guarded port {} ended: {}", port(), e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            clients.remove(client);
            behind.removeIf(Socket::isClosed);
            places.giveBack(client.getInetAddress());
        }
    }

    /** Passes on until the end of input, then ends the other's; an error ends both directions. */
    private static void pass(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
            to.shutdownOutput();
        } catch (IOException e) {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private static Thread start(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_ERROR.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void closeQuietly(@Nullable Closeable closeable) {
        try {
            if (closeable != null) {
                closeable.close();
            }
        } catch (IOException e) {
            LOG.debug("Closing failed: {}", e.toString());
        }
    }
}
