/** Attacks a doorman in network namespaces while others knock, and tells how that went: see docs/security/attacks.md. */
@NullMarked
package io.openme.benchmarks.attack;

import org.jspecify.annotations.NullMarked;
