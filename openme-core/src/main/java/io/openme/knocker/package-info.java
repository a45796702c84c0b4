/** The client side: a {@link io.openme.knocker.Knocker} asks a doorman to open. */
@NullMarked
package io.openme.knocker;

import org.jspecify.annotations.NullMarked;
