/**
 * Keeps services closed with iptables and ip6tables: chains of our own in the table mangle, and sets of ipset whose
 * elements the kernel removes in time, or plain rules where there is no ipset.
 */
@NullMarked
package io.openme.iptables;

import org.jspecify.annotations.NullMarked;
