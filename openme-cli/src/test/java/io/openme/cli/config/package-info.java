@NullMarked
package io.openme.cli.config;

import org.jspecify.annotations.NullMarked;
