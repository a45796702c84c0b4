package io.openme.protocol;

/** What a doorman answers to a command. */
public enum Answer {
    /** The command took effect; for an open: the firewall has committed it. */
    OK,
    /** The command did not take effect, and nothing changed. */
    KO
}
