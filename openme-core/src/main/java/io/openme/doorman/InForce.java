package io.openme.doorman;

import io.openme.internal.tls.ServerTls;
import io.openme.tls.Purpose;
import io.openme.tls.UntrustedException;
import java.time.Instant;

/**
 * What decides at present who gets in. Swapped as a whole.
 *
 * @param epoch counts the reloads
 * @param admission what was given
 * @param tls the same for handshakes
 */
record InForce(long epoch, Admission admission, ServerTls tls) {
    /** The same client, as those see it who are trusted at present. */
    Client verify(Client client, Instant at) throws UntrustedException {
        return Client.of(admission.trust().verify(client.chain(), Purpose.CLIENT, at));
    }
}
