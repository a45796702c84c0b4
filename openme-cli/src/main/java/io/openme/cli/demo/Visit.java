package io.openme.cli.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Somebody who connects to a server and reads what it says. */
public final class Visit {
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final InetSocketAddress server;
    private final Optional<InetAddress> from;

    /** A visit of this server, from this address of the host or from one that the system chooses. */
    public Visit(InetAddress address, int port, Optional<InetAddress> from) {
        this.server = new InetSocketAddress(address, port);
        this.from = from;
    }

    /**
     * What a visitor has seen.
     *
     * @param served whether the server said something
     * @param began when the attempt began
     * @param text for a person
     */
    public record Seen(boolean served, Instant began, String text) {
        private static final String SEPARATOR = " | ";

        /** One line that {@link #parse} reads. */
        @Override
        public String toString() {
            return served + SEPARATOR + began + SEPARATOR + text;
        }

        static Seen parse(String line) {
            String[] parts = line.strip().split(" \\| ", 3);
            if (parts.length != 3) {
                throw new IllegalStateException("a visitor of the demo failed: " + line);
            }
            return new Seen(Boolean.parseBoolean(parts[0]), Instant.parse(parts[1]), parts[2]);
        }
    }

    /** Connects once. */
    public Seen once() {
        Instant began = Instant.now();
        long start = System.nanoTime();
        try (Socket socket = new Socket()) {
            socket.bind(from.map(address -> new InetSocketAddress(address, 0)).orElse(null));
            socket.connect(server, (int) PATIENCE.toMillis());
            socket.setSoTimeout((int) PATIENCE.toMillis());
            String said = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            String after =
                    " after " + Duration.ofNanos(System.nanoTime() - start).toMillis() + " ms";
            return said.isEmpty()
                    ? new Seen(false, began, "the connection was ended" + after)
                    : new Seen(true, began, "\"" + said + "\"" + after);
        } catch (SocketTimeoutException e) {
            return new Seen(false, began, "no answer within " + PATIENCE.toMillis() + " ms: the packets are dropped");
        } catch (IOException e) {
            return new Seen(false, began, e.getMessage() + ": the connection was refused");
        }
    }

    /** Connects again and again until it is refused, or until this time is over. */
    public Seen untilRefused(Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        Seen seen = once();
        while (seen.served() && System.nanoTime() - end < 0) {
            try {
                Thread.sleep(PAUSE.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return seen;
            }
            seen = once();
        }
        return seen;
    }
}
