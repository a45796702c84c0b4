package io.openme.cli.split;

import io.openme.cli.config.Configuration;
import io.openme.cli.split.Lines.Deadline;
import io.openme.cli.split.Request.Hello;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.OpenmeException;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes the host's firewall for a doorman that has no privileges: opens and closes the services of its own configuration,
 * for no longer than that allows, and does nothing else.
 *
 * <p>It listens to one user, one connection after the other. What it takes from there is bounded in size, number and time. A
 * connection that breaks off changes nothing: openings end by themselves, and the guard stays, which it looks after.
 */
public final class FirewallHelper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FirewallHelper.class);
    /** How long a firewall may take until its next look: a few commands, each of which is given up in its time. */
    public static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Duration TIME_TO_WRITE = Duration.ofSeconds(10);
    /** Rarer than doormen look, who know what should be open. */
    private static final Duration WATCH = Duration.ofSeconds(2);

    private static final Duration PAUSE = Duration.ofMillis(100);

    private final Path path;
    private final ServerSocketChannel socket;
    private final Peer peer;
    private final FirewallHost host;
    private final Sparingly complaints = new Sparingly(Duration.ofSeconds(10));
    private final Sparingly aboutStrangers = new Sparingly(Duration.ofSeconds(10));
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "openme-firewall-watch");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicReference<@Nullable Lines> current = new AtomicReference<>();
    private volatile long lookedAt = System.nanoTime();

    private FirewallHelper(Path path, ServerSocketChannel socket, Peer peer, FirewallHost host) {
        this.path = path;
        this.socket = socket;
        this.peer = peer;
        this.host = host;
    }

    /**
     * A helper that listens there, and answers once it {@linkplain #run() runs}.
     *
     * @param path of the socket, in a directory that only root and this process's user {@linkplain OwnFiles can change}
     * @param configuration what a file says that the peer {@linkplain OwnFiles can't change}
     * @param firewall the host's, opened to keep its guard; this helper's from now on, if this succeeds
     * @throws OpenmeException if it can't listen there, or the firewall needs somebody who ends openings
     */
    public static FirewallHelper open(Path path, Peer peer, Configuration configuration, Firewall firewall) {
        FirewallHost host = new FirewallHost(firewall, Charter.of(configuration));
        FirewallHelper helper = new FirewallHelper(path, HelperSocket.listen(path, peer), peer, host);
        var unused = helper.watch.scheduleWithFixedDelay(
                helper::look, WATCH.toMillis(), WATCH.toMillis(), TimeUnit.MILLISECONDS);
        LOG.info("Changes the firewall for user {}, who asks at {}", peer.name(), path);
        return helper;
    }

    /** Answers until it is closed; blocks. */
    public void run() {
        SocketChannel next = null;
        while (socket.isOpen()) {
            try (SocketChannel connection = next == null ? accept() : next) {
                next = null;
                next = admit(connection);
            } catch (ClosedChannelException e) {
                return;
            } catch (Throwable e) {
                // Whatever it is: without this thread nobody could knock, and nobody would notice.
                brokeOff(e);
                // Such as for want of descriptors, which nobody gives back the sooner for being asked all the time.
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private void look() {
        host.look();
        lookedAt = System.nanoTime();
    }

    /**
     * How it is, in a line; empty if the firewall was not looked after for so long. It is then neither changed for the doorman,
     * which waits for its turn as the look does. Any thread.
     */
    public Optional<String> life(Duration longest) {
        return System.nanoTime() - lookedAt < longest.toNanos()
                ? Optional.of("Changes the firewall for user " + peer.name())
                : Optional.empty();
    }

    private void brokeOff(Throwable e) {
        try {
            complaints.say(() -> LOG.warn("A connection of the doorman's broke off: {}", e.toString()));
        } catch (Throwable again) {
            // Such as for want of memory. Then it is not told.
            return;
        }
    }

    private SocketChannel accept() throws IOException {
        socket.configureBlocking(true);
        return socket.accept();
    }

    /** Answers it, and returns the one that takes its place, if it is not over by itself. */
    private @Nullable SocketChannel admit(SocketChannel connection) throws IOException {
        if (!isPeer(connection)) {
            return null;
        }
        try (Lines lines = new Lines(connection)) {
            current.set(lines);
            socket.configureBlocking(false);
            // Closed meanwhile: close() has not seen this one.
            return socket.isOpen() ? serve(lines) : null;
        } catch (ProtocolException e) {
            complaints.say(
                    () -> LOG.warn("The doorman does not keep to the protocol, and was cut off: {}", e.getMessage()));
        } catch (EOFException | SocketTimeoutException e) {
            LOG.debug("A connection ended in the middle of a request", e);
        } finally {
            current.set(null);
        }
        return null;
    }

    private boolean isPeer(SocketChannel connection) throws IOException {
        if (peer.isAt(connection)) {
            return true;
        }
        aboutStrangers.say(() -> LOG.warn("Somebody else than user {} connected, and was refused", peer.name()));
        return false;
    }

    /**
     * One that says nothing gives way to the next. A doorman has no second connection, so either is something that was left
     * behind; the doorman connects again.
     */
    private @Nullable SocketChannel serve(Lines lines) throws IOException {
        boolean greeted = false;
        while (true) {
            switch (lines.ready()) {
                case YES -> greeted = answer(lines, greeted);
                case NEVER -> {
                    return null;
                }
                case NOT_YET -> {
                    SocketChannel newer = newcomer();
                    if (newer != null) {
                        return newer;
                    }
                    lines.awaitAny(socket);
                }
            }
        }
    }

    private boolean answer(Lines lines, boolean greeted) throws IOException {
        Request request = RequestText.read(lines, Deadline.in(TIME_TO_WRITE));
        if (!greeted && !(request instanceof Hello hello && hello.version() == Request.VERSION)) {
            throw new ProtocolException("a connection begins with hello " + Request.VERSION);
        }
        Answer answer = host.answer(request);
        if (answer instanceof Answer.Failed failed && failed.reason() == Reason.REJECTED) {
            complaints.say(() -> LOG.warn("Refused a change: {}", failed.message()));
        }
        lines.write(answer.text(), Deadline.in(TIME_TO_WRITE));
        return true;
    }

    /** The peer's next connection, if there is one already. */
    private @Nullable SocketChannel newcomer() throws IOException {
        SocketChannel newer = socket.accept();
        if (newer == null) {
            return null;
        }
        boolean taken = false;
        try {
            taken = isPeer(newer);
        } finally {
            if (!taken) {
                newer.close();
            }
        }
        return taken ? newer : null;
    }

    /** Opens nothing any more from now on, and closes all the same: the doorman is told to end, and may not be itself. */
    public void wane() {
        host.wane();
    }

    /** Stops listening and answering. Leaves the firewall as it is. Idempotent; by any thread. */
    @Override
    public void close() {
        watch.shutdown();
        try (socket) {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.debug("The socket is still there", e);
        }
        Lines lines = current.get();
        if (lines != null) {
            try {
                lines.close();
            } catch (IOException e) {
                LOG.debug("A connection did not close", e);
            }
        }
    }

    /**
     * Closes, and brings the firewall where a doorman that is told to end leaves it: no opening, and the guard or not.
     *
     * @throws OpenmeException if that did not work
     */
    public void end(OnClose onClose) {
        close();
        host.end(onClose);
        LOG.info(
                "The firewall helper has ended; {}",
                onClose == OnClose.REMOVE ? "the guard is gone" : "the guard stays");
    }
}
