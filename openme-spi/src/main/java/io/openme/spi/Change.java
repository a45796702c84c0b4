package io.openme.spi;

import java.time.Duration;
import java.util.Objects;

/** One step from what the firewall admits to what it should admit. */
public sealed interface Change {
    /** The opening that comes, stays longer or shorter, or goes. */
    Opening opening();

    /**
     * Admit {@code opening} from now on, for {@code lifetime}. An opening that is there already gets this lifetime,
     * longer or shorter, in place of the rest of its own, and does not let a packet drop meanwhile.
     *
     * @param opening what to admit
     * @param lifetime counted from the call of {@link Firewall#apply}; more than zero
     */
    record Open(Opening opening, Duration lifetime) implements Change {
        /** @throws IllegalArgumentException if the lifetime is not more than zero */
        public Open {
            Objects.requireNonNull(opening, "opening");
            if (lifetime.isZero() || lifetime.isNegative()) {
                throw new IllegalArgumentException("lifetime " + lifetime + " of " + opening + " is over already");
            }
        }
    }

    /**
     * Admit {@code opening} no longer. Closing what is not open changes nothing and is no error.
     *
     * @param opening what to admit no longer
     */
    record Close(Opening opening) implements Change {
        /** Refuses null. */
        public Close {
            Objects.requireNonNull(opening, "opening");
        }
    }
}
