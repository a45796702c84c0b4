/**
 * Who we are and whom we believe.
 *
 * <p>An {@link io.openme.tls.Identity} is our private key and certificate, a {@link io.openme.tls.Trust} decides which
 * certificates of peers are good, and a {@link io.openme.tls.Peer} is one that was.
 */
@NullMarked
package io.openme.tls;

import org.jspecify.annotations.NullMarked;
