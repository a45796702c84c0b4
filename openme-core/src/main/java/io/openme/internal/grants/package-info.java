/** Who may reach what, from where, until when, as a state machine without threads, sockets or clocks. */
@NullMarked
package io.openme.internal.grants;

import org.jspecify.annotations.NullMarked;
