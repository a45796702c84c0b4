package io.openme.knocker;

import io.openme.doorman.Doorman;
import io.openme.internal.tls.ClientTls;
import io.openme.internal.tls.ServerName;
import io.openme.knocker.KnockResult.Status;
import io.openme.knocker.KnockSocket.Deadline;
import io.openme.protocol.Command;
import io.openme.protocol.IpLiteral;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Asks one doorman to open or close.
 *
 * <p>It believes the server only if its certificate comes from a CA of the {@link Trust} and has the server's name. Only an
 * explicit {@code OK} is success: with TLS 1.3 a handshake succeeds on this side even where the server then refuses the
 * certificate. Immutable, and safe for use by several threads; each knock is a connection of its own.
 */
public final class Knocker {
    /** How long a knock may take unless said otherwise: 10 seconds. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    private static final int ANSWER_LENGTH = 2;
    /** Alerts of RFC 8446, 6.2, by which a server says that it does not accept the client's certificate. */
    private static final Set<String> REFUSALS = Set.of(
            "bad_certificate",
            "unsupported_certificate",
            "certificate_revoked",
            "certificate_expired",
            "certificate_unknown",
            "certificate_required",
            "unknown_ca",
            "access_denied",
            "decrypt_error",
            "handshake_failure");

    private final String host;
    private final int port;
    private final Duration timeout;
    private final @Nullable InetAddress from;
    private final ClientTls tls;

    private Knocker(Builder builder, Identity identity, Trust trust, String host) {
        this.host = host;
        this.port = builder.port;
        this.timeout = builder.timeout;
        this.from = builder.from;
        String name = builder.serverName == null ? host : builder.serverName;
        this.tls = new ClientTls(identity, trust, builder.clock, ServerName.of(name), builder.tls12);
    }

    /** A builder with the defaults that its methods name. */
    public static Builder builder() {
        return new Builder();
    }

    /** Asks to open for the address that the server sees this knock come from. The same as {@code knock(Command.open())}. */
    public KnockResult open() {
        return knock(Command.open());
    }

    /**
     * Says one command and waits for the answer. Blocks, at most for the builder's timeout (and for a name look-up, which
     * has the system's own).
     *
     * <p>Every address of the host's name is tried until one can be connected to. A server that does not negotiate the
     * protocol by ALPN may be an original one, which knows another spelling of an open: if it says {@code KO}, it is asked
     * once more with that.
     */
    public KnockResult knock(Command command) {
        Deadline deadline = new Deadline(timeout);
        Attempt attempt = attempt(command.toString(), deadline);
        if (attempt.status == Status.REFUSED && !attempt.negotiated && command.action() == Command.Action.OPEN) {
            String original = "OPEN " + command.address().map(IpLiteral::format).orElse("ME");
            attempt = attempt(original, deadline);
        }
        return new KnockResult(attempt.status, attempt.detail, Optional.ofNullable(attempt.server), deadline.elapsed());
    }

    /** One connection. */
    private record Attempt(
            Status status, String detail, @Nullable InetSocketAddress server, boolean negotiated) {}

    private Attempt attempt(String command, Deadline deadline) {
        List<String> failures = new ArrayList<>();
        boolean late = false;
        try {
            InetAddress[] addresses = InetAddress.getAllByName(host);
            for (int i = 0; i < addresses.length; i++) {
                InetSocketAddress server = new InetSocketAddress(addresses[i], port);
                Socket socket = new KnockSocket(deadline);
                try {
                    // The handshake's last message and the command are two small writes: Nagle's algorithm would hold
                    // the
                    // second back until the first is acknowledged, some 40 ms.
                    socket.setTcpNoDelay(true);
                    socket.bind(from == null ? null : new InetSocketAddress(from, 0));
                    // Each address gets its share of the time: one that swallows packets must not cost the others
                    // theirs.
                    socket.connect(server, Math.max(1, deadline.millisLeft() / (addresses.length - i)));
                } catch (IOException e) {
                    closeQuietly(socket);
                    late |= e instanceof SocketTimeoutException;
                    failures.add(text(server) + ": " + e.getMessage());
                    continue;
                }
                try {
                    return converse(socket, server, command);
                } finally {
                    // Not the TLS socket: it would wait for the server once more.
                    closeQuietly(socket);
                }
            }
        } catch (UnknownHostException e) {
            return new Attempt(
                    Status.UNREACHABLE,
                    "the name " + host + " has no address; check it, or name an address",
                    null,
                    false);
        }
        return new Attempt(
                late ? Status.TIMED_OUT : Status.UNREACHABLE,
                "can't connect to " + String.join(", ", failures) + "; is a doorman listening there?",
                null,
                false);
    }

    private Attempt converse(Socket socket, InetSocketAddress server, String command) {
        try {
            SSLSocket secure = (SSLSocket) tls.socketFactory().createSocket(socket, host, port, false);
            tls.configure(secure);
            secure.startHandshake();
            secure.getOutputStream().write((command + "\n").getBytes(StandardCharsets.US_ASCII));
            String answer = readAnswer(secure.getInputStream());
            boolean negotiated = !secure.getApplicationProtocol().isEmpty();
            return switch (answer) {
                case "OK" -> new Attempt(Status.GRANTED, "the server said OK", server, negotiated);
                case "KO" ->
                    new Attempt(
                            Status.REFUSED,
                            "the server said KO to " + command + ": nothing changed; its log says why",
                            server,
                            negotiated);
                case "" ->
                    new Attempt(
                            Status.UNREACHABLE,
                            "the server at " + text(server) + " ended the connection without an answer",
                            server,
                            negotiated);
                default ->
                    new Attempt(
                            Status.WRONG_SERVER,
                            "what answers at " + text(server) + " is no doorman: it said neither OK nor KO",
                            server,
                            negotiated);
            };
        } catch (SocketTimeoutException e) {
            return new Attempt(
                    Status.TIMED_OUT,
                    "no answer from " + text(server) + " within " + timeout.toMillis() + " ms",
                    server,
                    false);
        } catch (IOException e) {
            return failure(e, server);
        }
    }

    /** The answer without its line end; empty at the end of input. The original server sends no line end and no close_notify. */
    private static String readAnswer(InputStream in) throws IOException {
        byte[] answer = new byte[64];
        int length = 0;
        while (length < ANSWER_LENGTH) {
            int count = in.read(answer, length, answer.length - length);
            if (count < 0) {
                break;
            }
            length += count;
        }
        return new String(answer, 0, length, StandardCharsets.ISO_8859_1).strip();
    }

    private static Attempt failure(IOException e, InetSocketAddress server) {
        String said = String.valueOf(e.getMessage());
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return new Attempt(
                        Status.WRONG_SERVER,
                        "the server at " + text(server) + " is not believed: " + cause.getMessage(),
                        server,
                        false);
            }
        }
        if (e instanceof SSLException
                && REFUSALS.stream().anyMatch(alert -> said.contains("Received fatal alert: " + alert))) {
            return new Attempt(
                    Status.NOT_AUTHENTICATED,
                    "the server at " + text(server) + " does not accept this client's certificate (" + said
                            + "); is it of the server's CA, for clients, and not expired or revoked?",
                    server,
                    false);
        }
        if (e instanceof SSLException && !ended(said)) {
            return new Attempt(
                    Status.WRONG_SERVER, "what answers at " + text(server) + " is no doorman: " + said, server, false);
        }
        return new Attempt(
                Status.UNREACHABLE,
                "the server at " + text(server) + " ended the connection without an answer (" + said
                        + "); it may be overloaded, or not accept this client's certificate",
                server,
                false);
    }

    /** Whether this is how the JDK says that the connection is gone, wrapped as a fault of TLS. */
    private static boolean ended(String said) {
        return said.contains("Remote host terminated")
                || said.contains("Connection reset")
                || said.contains("Broken pipe")
                || said.contains("closed");
    }

    private static String text(InetSocketAddress address) {
        return IpLiteral.format(address.getAddress()) + " port " + address.getPort();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // What matters was said before; the descriptor is gone all the same.
        }
    }

    /** Collects what a knocker needs. Not safe for use by several threads. */
    public static final class Builder {
        private @Nullable Identity identity;
        private @Nullable Trust trust;
        private @Nullable String host;
        private @Nullable String serverName;
        private @Nullable InetAddress from;
        private int port = Doorman.DEFAULT_PORT;
        private Duration timeout = DEFAULT_TIMEOUT;
        private boolean tls12;
        private Clock clock = Clock.systemUTC();

        private Builder() {}

        /** The client's own key and certificate. Required. */
        public Builder identity(Identity ours) {
            identity = Objects.requireNonNull(ours);
            return this;
        }

        /** The CA that the server's certificate must come from. Required. */
        public Builder trust(Trust whom) {
            trust = Objects.requireNonNull(whom);
            return this;
        }

        /** The server's name or address, with the default port {@value Doorman#DEFAULT_PORT}. Required. */
        public Builder server(String nameOrAddress) {
            return server(nameOrAddress, Doorman.DEFAULT_PORT);
        }

        /**
         * The server's name or address, and its port. Required.
         *
         * @throws IllegalArgumentException if the port is not 1 to 65535
         */
        public Builder server(String nameOrAddress, int serverPort) {
            if (serverPort < 1 || serverPort > 65535) {
                throw new IllegalArgumentException("port " + serverPort + " is out of bounds; a port is 1 to 65535");
            }
            host = Objects.requireNonNull(nameOrAddress);
            port = serverPort;
            return this;
        }

        /**
         * The name that the server's certificate must have, where it is another than the one connected to. Default: that of
         * {@link #server}.
         */
        public Builder serverName(String name) {
            serverName = Objects.requireNonNull(name);
            return this;
        }

        /** How long a knock may take in all; more than zero. Default: {@link Knocker#DEFAULT_TIMEOUT}. */
        public Builder timeout(Duration time) {
            if (time.isZero() || time.isNegative()) {
                throw new IllegalArgumentException("timeout " + time + " is no time; a knock needs some");
            }
            timeout = time;
            return this;
        }

        /** Knocks from this address of the host. Default: the system chooses one. */
        public Builder from(InetAddress address) {
            from = Objects.requireNonNull(address);
            return this;
        }

        /** Whether the server may use TLS 1.2, too, as an original one on an old system does. Default: no, TLS 1.3 only. */
        public Builder allowTls12(boolean allowed) {
            tls12 = allowed;
            return this;
        }

        /** Takes the dates of certificates from this clock. Default: the system's, in UTC. */
        public Builder clock(Clock time) {
            clock = Objects.requireNonNull(time);
            return this;
        }

        /**
         * The knocker.
         *
         * @throws IllegalArgumentException if something required is missing
         */
        public Knocker build() {
            return new Knocker(
                    this,
                    required(identity, "identity", "the client's own key and certificate"),
                    required(trust, "trust", "the CA of the server"),
                    required(host, "server", "a server to talk to"));
        }

        private static <T> T required(@Nullable T value, String name, String what) {
            if (value == null) {
                throw new IllegalArgumentException("a knocker needs " + what + "; call " + name + "(...)");
            }
            return value;
        }
    }
}
