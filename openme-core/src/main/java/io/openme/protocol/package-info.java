/** The words of the wire: what a knocker says and what a doorman answers. */
@NullMarked
package io.openme.protocol;

import org.jspecify.annotations.NullMarked;
