/**
 * Keeps services closed with nftables: one table of our own, sets whose elements the kernel removes in time, and one
 * transaction for each call.
 */
@NullMarked
package io.openme.nftables;

import org.jspecify.annotations.NullMarked;
