/** The server side: a {@link io.openme.doorman.Doorman} turns knocks into openings. */
@NullMarked
package io.openme.doorman;

import org.jspecify.annotations.NullMarked;
