@NullMarked
package io.openme.pki;

import org.jspecify.annotations.NullMarked;
