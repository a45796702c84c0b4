/** The one writer that brings the firewall to what the grants say. */
@NullMarked
package io.openme.internal.writer;

import org.jspecify.annotations.NullMarked;
