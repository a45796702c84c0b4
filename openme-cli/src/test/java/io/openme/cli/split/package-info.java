@NullMarked
package io.openme.cli.split;

import org.jspecify.annotations.NullMarked;
