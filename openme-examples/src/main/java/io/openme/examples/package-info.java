/** Programs to copy from. */
@NullMarked
package io.openme.examples;

import org.jspecify.annotations.NullMarked;
