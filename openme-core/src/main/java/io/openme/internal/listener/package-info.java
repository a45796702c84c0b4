/** The front door: TLS connections, many of them hostile, each with a session of its own. */
@NullMarked
package io.openme.internal.listener;

import org.jspecify.annotations.NullMarked;
