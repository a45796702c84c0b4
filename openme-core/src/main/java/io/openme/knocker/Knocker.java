package io.openme.knocker;

import io.openme.doorman.Doorman;
import io.openme.internal.tls.ClientTls;
import io.openme.internal.tls.ServerName;
import io.openme.protocol.Command;
import io.openme.protocol.Request;
import io.openme.tls.Identity;
import io.openme.tls.Pin;
import io.openme.tls.Trust;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks one doorman to open or close, and what is open.
 *
 * <p>It believes the server only if its certificate comes from a CA of the {@link Trust} and has the server's name, or the
 * key that was {@linkplain Builder#pin pinned}. Only an explicit {@code OK} is success: with TLS 1.3 a handshake succeeds on
 * this side even where the server then refuses the certificate.
 *
 * <p>It speaks {@code openme/2} with a server that does, and {@code openme/1} with any other. Immutable, and safe for use by
 * several threads; each knock is a connection of its own.
 */
public final class Knocker {
    /** How long a knock may take unless said otherwise: 10 seconds. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    private final Target target;

    private Knocker(Target target) {
        this.target = target;
    }

    /** A builder with the defaults that its methods name. */
    public static Builder builder() {
        return new Builder();
    }

    /** Asks to open for the address that the server sees this knock come from. The same as {@code knock(Command.open())}. */
    public KnockResult open() {
        return knock(Command.open());
    }

    /** Asks for what the written protocol can say: {@link #ask} with the {@linkplain Request#of same request}. */
    public KnockResult knock(Command command) {
        return ask(Request.of(command));
    }

    /**
     * Asks for this, and waits for the reply. Blocks, at most for the builder's timeout (and for a name look-up, which has
     * the system's own). Tries every address of the host's name until one can be connected to.
     *
     * <p>To a server that speaks only {@code openme/1} it says the same in the written protocol. Where that has no words for
     * it - services, lifetimes, a list - nothing is asked, and the status is {@link KnockResult.Status#UNSUPPORTED}.
     *
     * @throws IllegalArgumentException if the request can't be said, as {@link Conversation#ask} has it
     */
    public KnockResult ask(Request request) {
        return ask(request, null);
    }

    /** The same, by addresses of this family only, if there is one. */
    KnockResult ask(Request request, @Nullable StandardProtocolFamily family) {
        try (Conversation conversation = new Conversation(target, family)) {
            return conversation.ask(request);
        }
    }

    /** For several requests in one connection, which the first of them makes. Close it in the end. */
    public Conversation connect() {
        return new Conversation(target, null);
    }

    /** Keeps all services open for this host until the lease is closed; see {@link #hold(HoldOptions)}. */
    public Lease hold() {
        return hold(HoldOptions.defaults());
    }

    /**
     * Keeps something open for this host until the lease is closed. Returns at once: the lease opens on threads of its own,
     * and tells its listener when it has.
     *
     * @throws IllegalArgumentException if what is to be held can't be said, as {@link Conversation#ask} has it
     */
    public Lease hold(HoldOptions options) {
        Conversation.checkSayable(options.request(Optional.empty()));
        return Lease.start(this, options, LeaseParts.ofSystem());
    }

    Target target() {
        return target;
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
        private @Nullable Route route;
        private final Set<Pin> pins = new LinkedHashSet<>();

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

        /**
         * Believes a server with this key whatever names its certificate has; for certificates that have the wrong ones, as
         * those of easy-rsa often do. The certificate must still come from a CA of the trust, be in its time and for a
         * server. Several can be given, for a change of keys: any of them will do. Default: the name counts.
         *
         * @param pin {@code sha256/BASE64}, or in hexadecimal digits; {@code openme pin CERTIFICATE} prints it
         * @throws IllegalArgumentException if it is no {@linkplain Pin#parse pin}
         */
        public Builder pin(String pin) {
            pins.add(Pin.parse(pin));
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

        /** Gets to servers in this way. Default: as the system does. */
        Builder route(Route way) {
            route = way;
            return this;
        }

        /**
         * The knocker.
         *
         * @throws IllegalArgumentException if something required is missing
         */
        public Knocker build() {
            Identity ours = required(identity, "identity", "the client's own key and certificate");
            Trust whom = required(trust, "trust", "the CA of the server");
            String server = required(host, "server", "a server to talk to");
            ServerName name = ServerName.of(serverName == null ? server : serverName);
            return new Knocker(new Target(
                    server,
                    port,
                    timeout,
                    new ClientTls(ours, whom, clock, name, pins, tls12),
                    route == null ? Route.ofSystem(from) : route));
        }

        private static <T> T required(@Nullable T value, String name, String what) {
            if (value == null) {
                throw new IllegalArgumentException("a knocker needs " + what + "; call " + name + "(...)");
            }
            return value;
        }
    }
}
