/** A doorman on the real kernel and a plain model of it, driven through random steps and the worst of days. */
@NullMarked
package io.openme.cli.chaos;

import org.jspecify.annotations.NullMarked;
