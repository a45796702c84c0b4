/** A firewall backend of one's own, for HAProxy: read it along with docs/writing-a-backend.md. */
@NullMarked
package io.openme.examples.haproxy;

import org.jspecify.annotations.NullMarked;
