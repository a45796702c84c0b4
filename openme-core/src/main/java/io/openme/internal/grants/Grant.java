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
 */
public record Grant(Client client, Opening opening, Instant until) {}
