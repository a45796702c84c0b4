/** The audit log: what a doorman did, for whom and why, in lines that nobody changes or removes unnoticed. */
@NullMarked
package io.openme.audit;

import org.jspecify.annotations.NullMarked;
