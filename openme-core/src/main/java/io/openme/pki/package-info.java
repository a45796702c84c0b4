/** A small certification authority for doormen and their clients. */
@NullMarked
package io.openme.pki;

import org.jspecify.annotations.NullMarked;
