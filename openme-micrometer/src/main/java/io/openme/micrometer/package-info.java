/** Meters of a {@link io.openme.doorman.Doorman} for Micrometer. */
@NullMarked
package io.openme.micrometer;

import org.jspecify.annotations.NullMarked;
