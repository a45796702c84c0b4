/**
 * What the backends share that run tools of the host: their common options, what errors of a prefix such as {@code sudo}
 * mean, how services that share ports are told apart, and which connections are older than a guard. Exported to openme's
 * own backends only.
 */
@NullMarked
package io.openme.exec.backend;

import org.jspecify.annotations.NullMarked;
