/** The pieces of JSSE, put together so that its traps are closed. */
@NullMarked
package io.openme.internal.tls;

import org.jspecify.annotations.NullMarked;
