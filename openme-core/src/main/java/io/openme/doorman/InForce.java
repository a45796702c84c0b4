package io.openme.doorman;

import io.openme.internal.tls.ServerTls;
import io.openme.tls.Purpose;
import io.openme.tls.UntrustedException;
import java.time.Instant;
import java.util.Optional;

/**
 * What decides at present who gets in. Swapped as a whole.
 *
 * @param epoch counts the reloads
 * @param admission what was given
 * @param tls the same for handshakes
 */
record InForce(long epoch, Admission admission, ServerTls tls) {
    /** Why this client's certificate is not good; empty if it is. */
    Optional<UntrustedException> distrust(Client client, Instant at) {
        try {
            admission.trust().verify(client.chain(), Purpose.CLIENT, at);
            return Optional.empty();
        } catch (UntrustedException e) {
            return Optional.of(e);
        }
    }
}
