/** Certificates and revocation lists, read by the JDK. */
@NullMarked
package io.openme.internal.x509;

import org.jspecify.annotations.NullMarked;
