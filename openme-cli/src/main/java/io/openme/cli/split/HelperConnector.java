package io.openme.cli.split;

import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Connects to a helper. */
final class HelperConnector {
    /** A service manager starts both at once, and a JVM takes its time. */
    private static final Duration FIRST_PATIENCE = Duration.ofSeconds(10);

    private static final Duration PAUSE = Duration.ofMillis(50);

    private final Path socket;
    private boolean before;

    HelperConnector(Path socket) {
        this.socket = socket;
    }

    Path socket() {
        return socket;
    }

    /**
     * Connects; the first time it waits for a helper that is not there yet.
     *
     * @throws FirewallException {@link Reason#BUSY} if there is none: nothing was changed, and nothing will be until there is
     */
    Lines connect() {
        long end = System.nanoTime() + (before ? 0 : FIRST_PATIENCE.toNanos());
        while (true) {
            try {
                Lines lines = tryOnce();
                before = true;
                return lines;
            } catch (IOException e) {
                if (System.nanoTime() >= end || Thread.currentThread().isInterrupted()) {
                    throw new FirewallException(
                            Reason.BUSY,
                            "there is no firewall helper at " + socket + " (" + e.getMessage()
                                    + "); start it: openme firewall-helper --socket " + socket,
                            e);
                }
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private Lines tryOnce() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.configureBlocking(false);
            if (!channel.connect(UnixDomainSocketAddress.of(socket))) {
                throw new IOException("it does not accept connections");
            }
            return new Lines(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }
}
