/** The {@code openme} program: daemon, client and certificate authority on the command line. */
@NullMarked
package io.openme.cli;

import org.jspecify.annotations.NullMarked;
