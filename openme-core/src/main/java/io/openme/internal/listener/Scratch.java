package io.openme.internal.listener;

import java.nio.ByteBuffer;

/** The big buffers. Each worker has its own, so that a connection needs none. */
final class Scratch {
    /** More than the JDK asks for, to take the content of a record. */
    private static final int RECORD = 32 * 1024;

    /** Room for everything that we send in one step: our certificates, and a record that the JDK wants to see free. */
    private static final int FLIGHT = 64 * 1024;

    /** What came from the peer and is not yet unwrapped. */
    final ByteBuffer in = ByteBuffer.allocate(Knock.MOST_BYTES);

    /** The content of the record that was unwrapped last. */
    final ByteBuffer app = ByteBuffer.allocate(RECORD);

    /** What is to be sent. */
    final ByteBuffer out = ByteBuffer.allocate(FLIGHT);
}
