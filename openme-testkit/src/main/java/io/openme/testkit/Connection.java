package io.openme.testkit;

/** A TCP connection to an echo, held open by a {@link Host}. */
public interface Connection {
    /** Sends a byte: {@code OPEN} if it comes back in time, {@code REFUSED} if the connection is over. */
    Verdict talk();
}
