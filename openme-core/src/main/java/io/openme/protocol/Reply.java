package io.openme.protocol;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** What a doorman says to a {@link Request}. */
public sealed interface Reply {
    /** Whether what was asked for is done: {@code OK} rather than {@code KO}. */
    default boolean ok() {
        return !(this instanceof Refused);
    }

    /** The same in the written protocol. */
    default Answer answer() {
        return ok() ? Answer.OK : Answer.KO;
    }

    /**
     * It is open: the firewall has committed it.
     *
     * @param address who is admitted
     * @param services to what
     * @param lifetime for how long from now, in whole seconds
     */
    record Opened(InetAddress address, Set<String> services, Duration lifetime) implements Reply {
        /** Copies the services. */
        public Opened {
            Objects.requireNonNull(address, "address");
            services = Set.copyOf(services);
            Objects.requireNonNull(lifetime, "lifetime");
        }
    }

    /**
     * It is closed.
     *
     * @param grants how many grants were taken back; 0 if there were none
     */
    record Closed(int grants) implements Reply {}

    /**
     * What is open.
     *
     * @param seen the address that the connection comes from
     * @param held the client's grants; at most {@link #MOST}
     * @param more how many more there are
     */
    record Listed(InetAddress seen, List<Held> held, int more) implements Reply {
        /** As many are listed at the most: 256. */
        public static final int MOST = 256;

        /** Copies the list. */
        public Listed {
            Objects.requireNonNull(seen, "seen");
            held = List.copyOf(held);
        }
    }

    /**
     * Nothing has changed.
     *
     * @param reason why
     * @param retryAfter when it is worth to ask again, in whole seconds; only with {@link Refusal#RATE_LIMITED}
     */
    record Refused(Refusal reason, Optional<Duration> retryAfter) implements Reply {
        /** Refuses null. */
        public Refused {
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(retryAfter, "retryAfter");
        }

        /** Without a time to come again. */
        public Refused(Refusal reason) {
            this(reason, Optional.empty());
        }
    }

    /**
     * One grant.
     *
     * @param address who is admitted
     * @param service to what
     * @param remaining how much longer, in whole seconds, rounded down
     * @param owner whose it is; only in an administrator's list of everyone's
     */
    record Held(InetAddress address, String service, Duration remaining, Optional<Owner> owner) {
        /** Refuses null. */
        public Held {
            Objects.requireNonNull(address, "address");
            Objects.requireNonNull(service, "service");
            Objects.requireNonNull(remaining, "remaining");
            Objects.requireNonNull(owner, "owner");
        }
    }

    /**
     * A client, as an administrator sees it.
     *
     * @param fingerprint SHA-256 of its certificate, 64 lower-case hexadecimal digits
     * @param name a label for people, in printable ASCII
     */
    record Owner(String fingerprint, String name) {
        /** Refuses null. */
        public Owner {
            Objects.requireNonNull(fingerprint, "fingerprint");
            Objects.requireNonNull(name, "name");
        }
    }

    /** The lines of {@code openme/2}, without line ends; the last one is the result. */
    default List<String> lines() {
        return ReplyLines.format(this);
    }

    /** Whether this line of {@code openme/2} is the last one of a reply, its result. */
    static boolean isResult(String line) {
        return ReplyLines.isResult(line);
    }

    /**
     * Reads the lines of {@code openme/2} that answer a request. What a newer doorman says beside is left out. What it says to
     * have opened has to be the address and the services that the request names, for no longer than it asks.
     *
     * @param lines without line ends; the last one is the {@linkplain #isResult result}
     * @param request what was asked for
     * @throws MalformedLineException if they answer no such request
     */
    static Reply parse(List<String> lines, Request request) throws MalformedLineException {
        return ReplyLines.parse(lines, request);
    }
}
