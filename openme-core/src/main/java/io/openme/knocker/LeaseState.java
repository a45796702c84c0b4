package io.openme.knocker;

import io.openme.knocker.LeaseListener.Held;
import java.net.StandardProtocolFamily;
import java.util.Objects;
import java.util.Optional;

/**
 * How a lease stands for one family of addresses.
 *
 * @param family IPv4 or IPv6
 * @param phase what it is about
 * @param held what is held, as far as is known; also after an attempt that failed, until it ends
 * @param trouble why the last attempt failed; empty if it did not
 */
public record LeaseState(
        StandardProtocolFamily family, Phase phase, Optional<Held> held, Optional<KnockResult> trouble) {
    /** What a lease is about. */
    public enum Phase {
        /** There was no answer yet. */
        OPENING,
        /** The last attempt went well. */
        HOLDING,
        /** The last attempt failed; the next one will come. */
        FAILING,
        /** The server's name has no address of this family. That is looked at again each minute. */
        ABSENT,
        /** The lease is closed, and holds nothing. */
        CLOSED
    }

    /** Refuses null. */
    public LeaseState {
        Objects.requireNonNull(family, "family");
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(held, "held");
        Objects.requireNonNull(trouble, "trouble");
    }

    /** The same once the lease is closed. */
    LeaseState afterClose() {
        return new LeaseState(family, Phase.CLOSED, Optional.empty(), trouble);
    }
}
