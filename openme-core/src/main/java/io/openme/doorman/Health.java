package io.openme.doorman;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How a doorman is.
 *
 * @param listening whether it accepts knocks
 * @param firewallInOrder whether the firewall is what it should be, as far as the doorman knows; it looks every
 *     {@link DoormanBuilder#watchInterval watch interval}
 * @param alive whether all of its threads do their work. If not, it does not recover by itself: it has
 *     {@linkplain DoormanListener#failed failed}, or is about to
 * @param openings how many openings the firewall should admit
 * @param grants how many grants are live
 * @param connections how many peers are connected
 * @param certificateEnd when the doorman's own certificate ends
 * @param revocationsEnd when the first revocation list becomes too old, its grace included; empty if there is none
 * @param reloadFailed what is wrong with the files that were last read; empty if what they say is in force
 * @param problems what keeps it from doing its work, or soon will, in words for a person; empty if all is well
 */
public record Health(
        boolean listening,
        boolean firewallInOrder,
        boolean alive,
        int openings,
        int grants,
        int connections,
        Instant certificateEnd,
        Optional<Instant> revocationsEnd,
        Optional<String> reloadFailed,
        List<String> problems) {
    /** Copies the list. */
    public Health {
        problems = List.copyOf(problems);
    }

    /** Whether it lets in whom it should, and nobody else: it listens, the firewall is in order, and its threads work. */
    public boolean serving() {
        return listening && firewallInOrder && alive;
    }
}
