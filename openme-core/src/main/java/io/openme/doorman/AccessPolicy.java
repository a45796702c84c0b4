package io.openme.doorman;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;

/**
 * Decides what a verified client may open.
 *
 * <p>A pure function: it is called by several threads at once, on the path of a knock, so it neither blocks nor changes
 * anything. What it throws counts as a refusal and is logged. It is not asked about closing: a client may always take back
 * its own grants and never another's.
 */
@FunctionalInterface
public interface AccessPolicy {
    /** What this client gets for this request. */
    Decision decide(Client client, Request request);

    /** Every client may open every guarded service for this long, for itself and for guests. */
    static AccessPolicy everyService(Duration lifetime) {
        Objects.requireNonNull(lifetime, "lifetime");
        return (client, request) -> new Decision.Granted(request.services(), lifetime);
    }

    /**
     * What a client asks for.
     *
     * @param address the address to open for, without a zone. Never a guest that makes no sense: unspecified, loopback,
     *     multicast, broadcast and link-local guests are refused before any policy is asked
     * @param guest whether the client named the address, rather than come from it
     * @param services the names of the services asked for; all guarded ones in the written protocol
     */
    record Request(InetAddress address, boolean guest, Set<String> services) {
        /** Copies the services. */
        public Request {
            Objects.requireNonNull(address, "address");
            services = Set.copyOf(services);
        }
    }

    /** What a policy decides. */
    sealed interface Decision {
        /**
         * The client gets these services.
         *
         * @param services names of guarded services; at least one
         * @param lifetime for how long; 1 second to 365 days
         */
        record Granted(Set<String> services, Duration lifetime) implements Decision {
            /** The longest lifetime: 365 days. */
            public static final Duration LONGEST = Duration.ofDays(365);

            /** The shortest lifetime: 1 second. */
            public static final Duration SHORTEST = Duration.ofSeconds(1);

            /** @throws IllegalArgumentException if there is no service, or the lifetime is out of bounds */
            public Granted {
                services = Set.copyOf(services);
                if (services.isEmpty()) {
                    throw new IllegalArgumentException("a grant of no service is a refusal; return Refused");
                }
                if (lifetime.compareTo(SHORTEST) < 0 || lifetime.compareTo(LONGEST) > 0) {
                    throw new IllegalArgumentException(
                            "lifetime " + lifetime + " is out of bounds; a grant lives 1 second to 365 days");
                }
            }
        }

        /**
         * The client gets nothing.
         *
         * @param reason for the log and the owner; a client of the written protocol does not see it
         */
        record Refused(String reason) implements Decision {
            /** Refuses null. */
            public Refused {
                Objects.requireNonNull(reason, "reason");
            }
        }
    }
}
