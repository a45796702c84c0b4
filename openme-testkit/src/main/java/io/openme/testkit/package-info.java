/** The contract of firewall backends, certificates for tests, and network namespaces to try them in. */
@NullMarked
package io.openme.testkit;

import org.jspecify.annotations.NullMarked;
