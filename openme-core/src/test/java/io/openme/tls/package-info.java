@NullMarked
package io.openme.tls;

import org.jspecify.annotations.NullMarked;
