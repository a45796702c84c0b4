package io.openme.doorman;

import io.openme.protocol.Refusal;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Decides what a verified client may open.
 *
 * <p>A pure function: it is called by several threads at once, on the path of a knock, so it neither blocks nor changes
 * anything. What it throws counts as a refusal and is logged. It is not asked about closing: a client may always take back
 * its own grants, and another's only if it {@linkplain #administers administers}. It is asked again about every grant that
 * is live when the doorman {@linkplain Doorman#reload() reloads}: what it would refuse by then is closed.
 */
@FunctionalInterface
public interface AccessPolicy {
    /** What this client gets for this request. */
    Decision decide(Client client, Request request);

    /** Whether this client may see and close the grants of others. Default: nobody may. */
    default boolean administers(Client client) {
        return false;
    }

    /** Every client may open every guarded service for this long, or for less, for itself and for guests. */
    static AccessPolicy everyService(Duration lifetime) {
        return everyService(lifetime, lifetime);
    }

    /**
     * Every client may open every guarded service, for itself and for guests.
     *
     * @param lifetime for how long where the client does not say
     * @param longest the most that a client gets by asking for it; no shorter than {@code lifetime}
     */
    static AccessPolicy everyService(Duration lifetime, Duration longest) {
        Decision.Granted.requireLifetime(lifetime);
        Decision.Granted.requireLifetime(longest);
        if (lifetime.compareTo(longest) > 0) {
            throw new IllegalArgumentException(
                    "lifetime " + lifetime + " is more than the longest, which is " + longest);
        }
        return (client, request) -> new Decision.Granted(request.services(), request.lifetime(lifetime, longest));
    }

    /**
     * What a client asks for.
     *
     * @param address the address to open for, without a zone. Never one that makes no sense: unspecified, multicast,
     *     broadcast and link-local addresses, and loopback for guests, are refused before any policy is asked
     * @param guest whether the client named the address, rather than come from it
     * @param services the names of the services asked for, all of them guarded; every guarded one if the client named none
     * @param named whether the client named the services. A policy then grants all of them or refuses; otherwise it grants
     *     those that the client may open
     * @param lifetime how long the client wants it; empty leaves it to the policy. What a policy grants beyond it is cut
     * @param at the present
     */
    record Request(
            InetAddress address,
            boolean guest,
            Set<String> services,
            boolean named,
            Optional<Duration> lifetime,
            Instant at) {
        /** Copies the services. */
        public Request {
            Objects.requireNonNull(address, "address");
            services = Set.copyOf(services);
            Objects.requireNonNull(lifetime, "lifetime");
            Objects.requireNonNull(at, "at");
        }

        /** The lifetime asked for, but at most the longest; the usual one if the client does not say. */
        public Duration lifetime(Duration usual, Duration longest) {
            Duration wanted = lifetime.orElse(usual);
            return wanted.compareTo(longest) < 0 ? wanted : longest;
        }
    }

    /** What a policy decides. */
    sealed interface Decision {
        /**
         * The client gets these services.
         *
         * @param services names of guarded services; at least one
         * @param lifetime for how long; 1 second to 365 days
         * @param limits what bounds it beside
         * @param rule which rule says so, for the audit log; empty if the policy has no rules
         */
        record Granted(Set<String> services, Duration lifetime, Limits limits, Optional<String> rule)
                implements Decision {
            /** The longest lifetime: 365 days. */
            public static final Duration LONGEST = Duration.ofDays(365);

            /** The shortest lifetime: 1 second. */
            public static final Duration SHORTEST = Duration.ofSeconds(1);

            /** @throws IllegalArgumentException if there is no service, or the lifetime is out of bounds */
            public Granted {
                services = Set.copyOf(services);
                Objects.requireNonNull(limits, "limits");
                Objects.requireNonNull(rule, "rule");
                if (services.isEmpty()) {
                    throw new IllegalArgumentException("a grant of no service is a refusal; return Refused");
                }
                requireLifetime(lifetime);
            }

            private static void requireLifetime(Duration lifetime) {
                if (lifetime.compareTo(SHORTEST) < 0 || lifetime.compareTo(LONGEST) > 0) {
                    throw new IllegalArgumentException(
                            "lifetime " + lifetime + " is out of bounds; a grant lives 1 second to 365 days");
                }
            }

            /** Without limits of its own. */
            public Granted(Set<String> services, Duration lifetime) {
                this(services, lifetime, Limits.NONE, Optional.empty());
            }
        }

        /**
         * The client gets nothing.
         *
         * @param why what the client is told, if it speaks {@code openme/2}; one of the written protocol sees only
         *     {@code KO}
         * @param reason for the log and the owner; no client sees it
         * @param rule which rule says so, for the audit log; empty if none does
         */
        record Refused(Refusal why, String reason, Optional<String> rule) implements Decision {
            /** Refuses null. */
            public Refused {
                Objects.requireNonNull(why, "why");
                Objects.requireNonNull(reason, "reason");
                Objects.requireNonNull(rule, "rule");
            }

            /** {@link Refusal#NOT_PERMITTED}. */
            public Refused(String reason) {
                this(Refusal.NOT_PERMITTED, reason, Optional.empty());
            }
        }
    }

    /**
     * What bounds a client's grants beside their lifetime. The doorman counts; what closes gives room again.
     *
     * @param addresses for how many addresses the client may hold grants at once; at least 1. Empty: as many as
     *     {@link DoormanBuilder#grantsPerClient} allows
     * @param rate how often the client may open or renew; empty: as often as {@link DoormanBuilder#ratePerClient} allows
     */
    record Limits(OptionalInt addresses, Optional<Rate> rate) {
        /** None but those that the doorman has for every client. */
        public static final Limits NONE = new Limits(OptionalInt.empty(), Optional.empty());

        /** @throws IllegalArgumentException if no address at all would be allowed */
        public Limits {
            if (addresses.isPresent() && addresses.getAsInt() < 1) {
                throw new IllegalArgumentException("a client must be able to hold at least one address, not "
                        + addresses.getAsInt() + "; to let it open nothing, refuse it");
            }
            Objects.requireNonNull(rate, "rate");
        }
    }

    /**
     * How often something may happen: a bucket that holds {@code count} and is full again after {@code per}.
     *
     * @param count how many times at once; 1 to 1,000,000
     * @param per the time in which that many come back, evenly; 1 second to 365 days
     */
    record Rate(int count, Duration per) {
        /** @throws IllegalArgumentException if one is out of bounds */
        public Rate {
            if (count < 1 || count > 1_000_000) {
                throw new IllegalArgumentException("rate of " + count + " is out of bounds; it is 1 to 1,000,000");
            }
            if (per.compareTo(Decision.Granted.SHORTEST) < 0 || per.compareTo(Decision.Granted.LONGEST) > 0) {
                throw new IllegalArgumentException(
                        "a rate per " + per + " is out of bounds; it is per 1 second to 365 days");
            }
        }
    }
}
