/** The story that {@code openme demo} tells, and the two stages on which it can happen. */
@NullMarked
package io.openme.cli.demo;

import org.jspecify.annotations.NullMarked;
