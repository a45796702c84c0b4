/** The firewalls that need no tool of the host, and the choice among those on the class path. */
@NullMarked
package io.openme.firewall;

import org.jspecify.annotations.NullMarked;
