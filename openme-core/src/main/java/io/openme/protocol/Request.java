package io.openme.protocol;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What a client can ask a doorman for. The {@linkplain Command written protocol} says a part of it, {@code openme/2} all of
 * it.
 */
public sealed interface Request {
    /** The longest line of {@code openme/2} in bytes, with its line end: 1024. */
    int MAX_LENGTH = 1024;

    /**
     * Open, or prolong what is open.
     *
     * @param address for whom; empty stands for the address that the connection comes from
     * @param services the names of the services; empty stands for all that the client may open
     * @param lifetime for how long, in whole seconds from 1; empty leaves it to the doorman. It may grant less
     * @param replaces an address whose openings for these services close in the same step, if the client holds them
     */
    record Open(
            Optional<InetAddress> address,
            Set<String> services,
            Optional<Duration> lifetime,
            Optional<InetAddress> replaces)
            implements Request {
        /** Copies the services. */
        public Open {
            Objects.requireNonNull(address, "address");
            services = Set.copyOf(services);
            Objects.requireNonNull(lifetime, "lifetime");
            Objects.requireNonNull(replaces, "replaces");
        }
    }

    /**
     * Prolong what the client holds, and nothing else: where it holds nothing, it is refused.
     *
     * @param address for whom; empty stands for the address that the connection comes from
     * @param services the names of the services; empty stands for all that it holds there
     * @param lifetime for how long from now, in whole seconds from 1; empty leaves it to the doorman
     */
    record Renew(Optional<InetAddress> address, Set<String> services, Optional<Duration> lifetime) implements Request {
        /** Copies the services. */
        public Renew {
            Objects.requireNonNull(address, "address");
            services = Set.copyOf(services);
            Objects.requireNonNull(lifetime, "lifetime");
        }
    }

    /**
     * Close.
     *
     * @param where which addresses
     * @param services the names of the services; empty stands for all
     * @param client whose grants, by the fingerprint of its certificate; empty stands for the client's own. Only an
     *     administrator may close another's. With it, {@code where} is not {@link Where.Here}
     */
    record Close(Where where, Set<String> services, Optional<String> client) implements Request {
        /** Copies the services. */
        public Close {
            Objects.requireNonNull(where, "where");
            services = Set.copyOf(services);
            Objects.requireNonNull(client, "client");
            if (client.isPresent() && where instanceof Where.Here) {
                throw new IllegalArgumentException("where this connection comes from has nothing to do with another"
                        + " client's grants; name an address, or everywhere");
            }
        }
    }

    /**
     * Say what is open.
     *
     * @param everyone whether to list what other clients hold, too, which only an administrator may see
     */
    record Status(boolean everyone) implements Request {}

    /** Which addresses to close. */
    sealed interface Where {
        /** The address that the connection comes from. */
        record Here() implements Where {}

        /**
         * This address.
         *
         * @param address without a zone
         */
        record At(InetAddress address) implements Where {
            /** Refuses null. */
            public At {
                Objects.requireNonNull(address, "address");
            }
        }

        /** All addresses. */
        record Everywhere() implements Where {}
    }

    /** The same as this command of the written protocol. */
    static Request of(Command command) {
        return switch (command.action()) {
            case OPEN -> new Open(command.address(), Set.of(), Optional.empty(), Optional.empty());
            case CLOSE ->
                new Close(
                        command.address().<Where>map(Where.At::new).orElseGet(Where.Here::new),
                        Set.of(),
                        Optional.empty());
        };
    }

    /**
     * Reads a line of {@code openme/2} without its line end.
     *
     * @throws MalformedLineException if it is none, or has a verb or parameter that is not known here
     */
    static Request parse(String text) throws MalformedLineException {
        return RequestLine.parse(text);
    }

    /** The line of {@code openme/2}, without a line end. */
    default String line() {
        return RequestLine.format(this);
    }
}
