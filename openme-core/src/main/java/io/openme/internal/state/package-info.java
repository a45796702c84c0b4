/** What a doorman remembers of its grants when it is started again. */
@NullMarked
package io.openme.internal.state;

import org.jspecify.annotations.NullMarked;
