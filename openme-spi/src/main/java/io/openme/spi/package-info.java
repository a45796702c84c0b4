/**
 * What a firewall backend implements.
 *
 * <p>A {@link io.openme.spi.FirewallProvider} says whether its firewall is usable on this host and opens it. A
 * {@link io.openme.spi.Firewall} keeps the guarded {@linkplain io.openme.spi.Service services} closed to everyone but
 * the {@linkplain io.openme.spi.Opening openings} that it was told of. It knows nothing of clients, certificates or
 * the wire: those are the doorman's.
 */
@NullMarked
package io.openme.spi;

import org.jspecify.annotations.NullMarked;
