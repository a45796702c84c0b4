/** What a doorman does, as events of the JDK's flight recorder. */
@NullMarked
package io.openme.internal.jfr;

import org.jspecify.annotations.NullMarked;
