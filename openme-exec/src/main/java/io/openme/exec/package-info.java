/**
 * Runs commands of the host: argument lists, never a shell; a deadline that holds even when a command can't be killed;
 * bounded output; an environment made from scratch.
 */
@NullMarked
package io.openme.exec;

import org.jspecify.annotations.NullMarked;
