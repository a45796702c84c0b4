package io.openme.testkit;

/** A TCP connection or a UDP exchange with an echo, held open by a {@link Host}. */
public interface Connection extends AutoCloseable {
    /** Sends a byte: {@code OPEN} if it comes back in time, {@code REFUSED} if the connection is over. */
    Verdict talk();

    /** Ends it, so that its port is free again. */
    @Override
    void close();
}
