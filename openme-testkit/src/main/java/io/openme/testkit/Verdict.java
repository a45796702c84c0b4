package io.openme.testkit;

/** What became of a packet that was sent to see. */
public enum Verdict {
    /** It was answered by who listens there. */
    OPEN,
    /** The host said that nobody listens there: the packet passed every firewall. */
    REFUSED,
    /** Nothing came back in time. */
    DROPPED
}
