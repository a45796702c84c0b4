package io.openme.benchmarks.attack;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What one hostile connection does. All methods are called by the one thread of the {@link Crowd}. */
interface Behaviour {
    /** The connection is there. */
    void connected(Line line) throws IOException;

    /** The doorman sent this. */
    default void received(Line line, ByteBuffer bytes) throws IOException {}

    /** Half a second went by. */
    default void tick(Line line) throws IOException {}
}
