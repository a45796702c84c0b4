package io.openme.knocker;

import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Is told what happens to a {@link Lease}.
 *
 * <p>All but {@link #released} is called on the lease's own thread, {@code openme-lease}, one call at a time: while a method
 * runs, nothing is renewed, so it should be quick. It may close the lease. What it throws is logged, and changes nothing.
 */
public interface LeaseListener {
    /** Something is open, or stays open for longer. */
    default void held(Held held) {}

    /** This host comes from another address now: the new one is open and the old one closed. {@link #held} follows. */
    default void moved(Moved moved) {}

    /** An attempt failed because the doorman, or this client, does not want it; the lease keeps trying slowly. */
    default void refused(Missed missed) {}

    /** An attempt failed because there was no answer; the lease tries again soon. */
    default void unreachable(Missed missed) {}

    /** What was held is so no more. The lease keeps trying to get it back. */
    default void lost(Lost lost) {}

    /** The lease was closed, and with it what was held. Called by the thread that closes. */
    default void released(Released released) {}

    /**
     * What is held for one family of addresses.
     *
     * @param family IPv4 or IPv6
     * @param address who is admitted; empty if the server speaks only {@code openme/1}, which does not say
     * @param services to what; empty if it does not say
     * @param until when it ends unless it is renewed; by this host's clock, and rather too early than too late
     * @param renewal whether exactly this was held before
     */
    record Held(
            StandardProtocolFamily family,
            Optional<InetAddress> address,
            Set<String> services,
            Instant until,
            boolean renewal) {
        /** Copies the services. */
        public Held {
            Objects.requireNonNull(family, "family");
            Objects.requireNonNull(address, "address");
            services = Set.copyOf(services);
            Objects.requireNonNull(until, "until");
        }
    }

    /**
     * From one address to another.
     *
     * @param family IPv4 or IPv6
     * @param from what was open
     * @param to what is open
     */
    record Moved(StandardProtocolFamily family, InetAddress from, InetAddress to) {
        /** Refuses null. */
        public Moved {
            Objects.requireNonNull(family, "family");
            Objects.requireNonNull(from, "from");
            Objects.requireNonNull(to, "to");
        }
    }

    /**
     * An attempt that failed.
     *
     * @param family IPv4 or IPv6
     * @param result what became of it, for a person in its detail
     * @param held what is still held all the same; empty if nothing is
     * @param retryIn when the next attempt is made, unless this host's address changes before
     */
    record Missed(StandardProtocolFamily family, KnockResult result, Optional<Held> held, Duration retryIn) {
        /** Refuses null. */
        public Missed {
            Objects.requireNonNull(family, "family");
            Objects.requireNonNull(result, "result");
            Objects.requireNonNull(held, "held");
            Objects.requireNonNull(retryIn, "retryIn");
        }
    }

    /**
     * What is held no more.
     *
     * @param held what it was
     * @param why for a person
     */
    record Lost(Held held, String why) {
        /** Refuses null. */
        public Lost {
            Objects.requireNonNull(held, "held");
            Objects.requireNonNull(why, "why");
        }
    }

    /**
     * What was given back at the end.
     *
     * @param family IPv4 or IPv6
     * @param held what it was; empty if it is unknown whether the last attempt opened something
     * @param result whether the doorman closed it; if it did not, it ends by itself
     */
    record Released(StandardProtocolFamily family, Optional<Held> held, KnockResult result) {
        /** Refuses null. */
        public Released {
            Objects.requireNonNull(family, "family");
            Objects.requireNonNull(held, "held");
            Objects.requireNonNull(result, "result");
        }
    }
}
