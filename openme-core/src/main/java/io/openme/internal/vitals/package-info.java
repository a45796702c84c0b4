/** Whether the threads of a doorman do their work. */
@NullMarked
package io.openme.internal.vitals;

import org.jspecify.annotations.NullMarked;
