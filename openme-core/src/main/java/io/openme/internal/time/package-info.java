/** Time that nobody sets back. */
@NullMarked
package io.openme.internal.time;

import org.jspecify.annotations.NullMarked;
