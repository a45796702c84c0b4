/**
 * Privilege separation: a helper that changes the firewall, and does nothing else, for a doorman that faces the network and
 * has no privileges.
 */
@NullMarked
package io.openme.cli.split;

import org.jspecify.annotations.NullMarked;
