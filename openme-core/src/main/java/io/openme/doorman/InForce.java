package io.openme.doorman;

import io.openme.internal.tls.ServerTls;

/**
 * What decides at present who gets in. Swapped as a whole.
 *
 * @param epoch counts the reloads
 * @param admission what was given
 * @param tls the same for handshakes
 */
record InForce(long epoch, Admission admission, ServerTls tls) {}
