/** Who may open what, as rules: an {@link io.openme.doorman.AccessPolicy} that its owner can read. */
@NullMarked
package io.openme.policy;

import org.jspecify.annotations.NullMarked;
