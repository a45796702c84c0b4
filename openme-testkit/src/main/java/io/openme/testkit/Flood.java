package io.openme.testkit;

/** Connections that a {@link Host} makes one after the other without a pause. */
public interface Flood {
    /**
     * How it went.
     *
     * @param attempts how many connections were tried
     * @param failures how many of them lost a packet or were refused
     * @param lastFailure what the last of these was
     */
    record Counts(int attempts, int failures, String lastFailure) {}

    /** Ends it. */
    Counts end();
}
