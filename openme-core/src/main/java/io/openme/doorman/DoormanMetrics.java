package io.openme.doorman;

import java.time.Duration;

/**
 * Counts and times what a doorman does, for a monitoring system.
 *
 * <p>Called by the doorman's own threads, on the path of each knock: a method returns at once and throws nothing; what it
 * throws is logged once and goes no further. What the doorman <em>is</em>, rather than does, is in {@link Doorman#health()}.
 */
public interface DoormanMetrics {
    /** A handshake is over. Peers that did not get as far as a complete ClientHello are not counted. */
    default void handshake(boolean accepted, Duration took) {}

    /**
     * A command was answered.
     *
     * @param command {@code open}, {@code renew}, {@code close} or {@code status}
     * @param outcome {@code ok}, or the {@linkplain io.openme.protocol.Refusal#word() word} of a refusal
     * @param took from the command's arrival to the answer, the firewall included
     */
    default void answered(String command, String outcome, Duration took) {}

    /**
     * The firewall has done, or failed to do, one transaction.
     *
     * @param changes how many openings and closings were in it; all openings, if it installed everything anew
     */
    default void applied(int changes, boolean worked, Duration took) {}

    /** Certificates, revocation lists and policy were read anew, and are in force or were refused. */
    default void reloaded(boolean worked, Duration took) {}
}
