/** The daemon's configuration file: ours, and that of the original daemon. */
@NullMarked
package io.openme.cli.config;

import org.jspecify.annotations.NullMarked;
