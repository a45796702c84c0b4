package io.openme.benchmarks.attack;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** One hostile connection as its {@link Behaviour} sees it. */
final class Line {
    private final SelectionKey key;
    private final SocketChannel channel;
    private final Behaviour behaviour;
    private @Nullable ByteBuffer waiting;
    private boolean connected;
    private int deeds;
    private long tickAt;

    Line(SelectionKey key, Behaviour behaviour) {
        this.key = key;
        this.channel = (SocketChannel) key.channel();
        this.behaviour = behaviour;
    }

    boolean isConnected() {
        return connected;
    }

    /** Sends this; keeps what the socket does not take. */
    void send(ByteBuffer bytes) throws IOException {
        ByteBuffer before = waiting;
        if (before == null) {
            channel.write(bytes);
            if (!bytes.hasRemaining()) {
                return;
            }
        }
        int length = bytes.remaining() + (before == null ? 0 : before.remaining());
        ByteBuffer both = ByteBuffer.allocate(length);
        if (before != null) {
            both.put(before);
        }
        waiting = both.put(bytes).flip();
        key.interestOpsOr(SelectionKey.OP_WRITE);
    }

    /** The hostile thing was done once more; it counts for the proof that the attack is one. */
    void done() {
        deeds++;
    }

    /** Reads nothing any more. */
    void turnAway() {
        key.interestOpsAnd(~SelectionKey.OP_READ);
    }

    /** Ends with a reset. */
    void reset() throws IOException {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        close();
    }

    void close() throws IOException {
        channel.close();
    }

    /** How often the hostile thing was done since the last call. */
    int takeDeeds() {
        int taken = deeds;
        deeds = 0;
        return taken;
    }

    /** Takes up what the selector found; false at the end of the connection. */
    boolean ready(ByteBuffer scratch) throws IOException {
        if (!connected) {
            channel.finishConnect();
            connected = true;
            key.interestOps(SelectionKey.OP_READ);
            behaviour.connected(this);
            return channel.isOpen();
        }
        ByteBuffer rest = waiting;
        if (rest != null) {
            channel.write(rest);
            if (!rest.hasRemaining()) {
                waiting = null;
                key.interestOpsAnd(~SelectionKey.OP_WRITE);
            }
        }
        if (key.isReadable()) {
            if (channel.read(scratch.clear()) < 0) {
                return false;
            }
            behaviour.received(this, scratch.flip());
        }
        return channel.isOpen();
    }

    void tick(long now, long every) throws IOException {
        if (connected && now - tickAt >= 0) {
            tickAt = now + every;
            behaviour.tick(this);
        }
    }
}
