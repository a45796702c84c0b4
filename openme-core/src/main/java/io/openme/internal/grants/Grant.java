package io.openme.internal.grants;

import io.openme.doorman.Client;
import io.openme.spi.Opening;
import java.time.Instant;

/**
 * This client may reach this service from this address until then.
 *
 * @param client who asked
 * @param opening from where, to what
 * @param until the end, exclusive
 * @param guest whether the client named the address, rather than come from it
 */
public record Grant(Client client, Opening opening, Instant until, boolean guest) {
    /** The same with another end. */
    public Grant until(Instant end) {
        return new Grant(client, opening, end, guest);
    }
}
