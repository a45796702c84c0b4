package io.openme.internal.listener;

import io.openme.internal.listener.Crowd.Standing;
import io.openme.internal.listener.Deadlines.Lane;
import io.openme.internal.net.Source;
import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * One peer's connection: its socket, the bytes that are left over between two steps, and who may work on it.
 *
 * <p>It belongs to the selector's thread until a ClientHello is there, then to at most one worker at a time. Whatever
 * happens to it is a signal, from any thread: it waits until a worker takes the connection, and while one works the next
 * signals collect. {@link #close} may come from any thread at any time; who works on it then finds its socket closed.
 */
final class Connection {
    /** There may be input, or room for output. */
    static final int READY = 1;
    /** The time to knock is over. */
    static final int KNOCK_OVER = 2;
    /** Nothing came for a short while. */
    static final int QUIET = 4;
    /** The decision is there, or there will be none. */
    static final int DECIDED = 8;
    /** The time to decide is over. */
    static final int ANSWER_OVER = 16;

    private final SocketChannel channel;
    private final InetAddress peer;
    private final Source source;
    private final Shared shared;
    private final SelectionKey key;

    private final Object mailbox = new Object();
    private int signals;
    private boolean queued;
    private volatile boolean closed;

    // The rest belongs to whom the connection belongs to; others may look at what is volatile.
    private final Leftovers input = new Leftovers();
    private @Nullable ByteBuffer output;
    private volatile @Nullable Knock knock;

    /** A connection that begins to listen to its peer. The channel does not block. */
    Connection(SocketChannel channel, InetAddress peer, Source source, Shared shared) throws IOException {
        this.channel = channel;
        this.peer = peer;
        this.source = source;
        this.shared = shared;
        this.key = channel.register(shared.selector(), SelectionKey.OP_READ, this);
    }

    InetAddress peer() {
        return peer;
    }

    /** Whether a ClientHello came and a worker took it up. */
    boolean begun() {
        return knock != null;
    }

    /** Whether the peer waits for an answer, or receives one. */
    boolean answering() {
        Knock current = knock;
        return current != null && current.answering();
    }

    /** Says that something happened; a worker will take the connection up. */
    void signal(int what) {
        synchronized (mailbox) {
            signals |= what;
            if (queued || closed) {
                return;
            }
            queued = true;
        }
        shared.queue().add(source, this, begun());
    }

    /** Gives it this deadline and no other. */
    void onlyDeadline(Lane lane) {
        // Within the lock, here and below: no deadline is set after the close has cancelled them all.
        synchronized (mailbox) {
            if (!closed) {
                shared.deadlines().replace(lane, this);
                shared.census().place(this, standing(lane));
            }
        }
    }

    private Standing standing(Lane lane) {
        return switch (lane) {
            case KNOCK, QUIET -> begun() ? Standing.GREETED : Standing.SILENT;
            case LOST -> Standing.FAILED;
            case ANSWER, DRAIN -> Standing.HEARD;
        };
    }

    /** Gives it this deadline besides those that it has. */
    void alsoDeadline(Lane lane) {
        synchronized (mailbox) {
            if (!closed) {
                shared.deadlines().start(lane, this);
            }
        }
    }

    /** The selector found the socket ready. Called by its thread. */
    void ready(ByteBuffer scratch) throws IOException {
        if (begun() || knocked()) {
            signalReady();
            return;
        }
        int count = channel.read(scratch.clear().limit(ClientHello.LONGEST - input.length()));
        if (count < 0) {
            close();
            return;
        }
        input.keep(scratch.flip());
        switch (ClientHello.judge(input.bytes(), input.length())) {
            case MORE -> {}
            case NOT_ONE -> close();
            case COMPLETE -> {
                place(Standing.GREETED);
                signalReady();
            }
        }
    }

    private void place(Standing standing) {
        synchronized (mailbox) {
            if (!closed) {
                shared.census().place(this, standing);
            }
        }
    }

    private void signalReady() {
        // A worker that releases it sets the interest within the same lock, and only if there is no signal: whichever
        // comes
        // first, the connection is queued or the socket is watched.
        synchronized (mailbox) {
            interest(0);
            signal(READY);
        }
    }

    private boolean knocked() {
        synchronized (mailbox) {
            return queued;
        }
    }

    /** Takes the connection up. Called by a worker. */
    void work(Scratch scratch) throws IOException {
        int taken;
        synchronized (mailbox) {
            taken = signals;
            signals = 0;
        }
        if (closed) {
            return;
        }
        Knock current = knock;
        if (current == null) {
            current = new Knock(this, shared);
            knock = current;
        }
        int interest = current.step(taken, scratch);
        if (interest == Knock.OVER) {
            close();
        } else {
            release(interest);
        }
    }

    /** Lets go of the connection until the socket is ready for this or something else happens. */
    private void release(int interest) {
        boolean again;
        synchronized (mailbox) {
            again = signals != 0 && !closed;
            queued = again;
            if (!again && !closed) {
                // Within the lock: a later owner's interest must not be overwritten by ours.
                interest(interest);
            }
        }
        if (again) {
            shared.queue().add(source, this, true);
        } else if (interest != 0) {
            shared.selector().wakeup();
        }
    }

    private void interest(int operations) {
        try {
            key.interestOps(operations);
        } catch (CancelledKeyException e) {
            // Closed meanwhile; nobody waits for it any more.
        }
    }

    /** What was left over between two steps. */
    Leftovers input() {
        return input;
    }

    /** Reads what is there: the number of bytes, 0 if there is nothing now, -1 at the end. */
    int read(ByteBuffer to) throws IOException {
        return channel.read(to);
    }

    /** Whether nothing waits for being sent. */
    boolean flushed() {
        return output == null;
    }

    /** Sends what waits and then this; keeps what the socket does not take. */
    void send(ByteBuffer bytes) throws IOException {
        ByteBuffer waiting = output;
        if (waiting != null) {
            ByteBuffer both = ByteBuffer.allocate(waiting.remaining() + bytes.remaining());
            bytes = both.put(waiting).put(bytes).flip();
        }
        if (bytes.hasRemaining()) {
            // Not even nothing can be written once the output has ended.
            channel.write(bytes);
        }
        output = bytes.hasRemaining()
                ? ByteBuffer.allocate(bytes.remaining()).put(bytes).flip()
                : null;
    }

    void endOutput() throws IOException {
        channel.shutdownOutput();
    }

    /** Closes with a reset, which costs the kernel nothing afterwards. */
    void abort() {
        reset(channel);
        close();
    }

    /** Lets the close of this socket be a reset. */
    static void reset(SocketChannel channel) {
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            // Then it is closed the usual way.
        }
    }

    /** Closes the socket and forgets everything about it. Idempotent. */
    void close() {
        synchronized (mailbox) {
            if (closed) {
                return;
            }
            closed = true;
        }
        // It happens once, so each step happens whether or not memory runs out in another; the descriptor matters most.
        try {
            channel.close();
        } catch (IOException e) {
            // The descriptor is gone all the same.
        } finally {
            try {
                shared.census().leave(this);
            } finally {
                try {
                    // Without it the selector would keep the descriptor until something else happens.
                    shared.selector().wakeup();
                } finally {
                    try {
                        shared.deadlines().cancelAll(this);
                    } finally {
                        shared.queue().remove(source, this);
                    }
                }
            }
        }
    }
}
