@NullMarked
package io.openme.cli;

import org.jspecify.annotations.NullMarked;
