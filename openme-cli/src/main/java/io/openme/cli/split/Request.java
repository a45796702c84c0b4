package io.openme.cli.split;

import io.openme.spi.Change;
import java.util.List;

/** All that can be asked of the helper. There is no request for a rule, an option, a file, or the end of the guard. */
sealed interface Request {
    /** The version of this protocol that is spoken here. */
    int VERSION = 1;

    /** As many changes as one request takes. */
    int MOST_CHANGES = 1 << 18;

    /**
     * The first of each connection; answered with what the helper's firewall can do, and the services that it guards.
     *
     * @param version of the protocol
     */
    record Hello(int version) implements Request {}

    /**
     * Put the guard in place, with exactly these openings.
     *
     * @param openings with their lifetimes
     */
    record Install(List<Change.Open> openings) implements Request {}

    /**
     * Open and close these.
     *
     * @param changes in their order
     */
    record Apply(List<? extends Change> changes) implements Request {}

    /** Which openings there are. */
    record Openings() implements Request {}

    /** Whether the guard is as it was installed. */
    record Intact() implements Request {}

    /** Close every opening; the guard stays. */
    record CloseAll() implements Request {}
}
