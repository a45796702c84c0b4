/** One knock as a state machine without threads, sockets or clocks. */
@NullMarked
package io.openme.internal.session;

import org.jspecify.annotations.NullMarked;
