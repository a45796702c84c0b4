@NullMarked
package io.openme.internal.tls;

import org.jspecify.annotations.NullMarked;
