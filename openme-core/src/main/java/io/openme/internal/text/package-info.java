/** Help with what people mistype. */
@NullMarked
package io.openme.internal.text;

import org.jspecify.annotations.NullMarked;
