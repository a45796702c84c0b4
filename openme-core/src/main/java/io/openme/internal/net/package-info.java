/** Where peers come from, as far as sharing with others is concerned. */
@NullMarked
package io.openme.internal.net;

import org.jspecify.annotations.NullMarked;
