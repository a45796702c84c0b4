package io.openme.cli.split;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Lines of printable ASCII over a connection, each of at most {@value #LONGEST} bytes, written and read by a deadline.
 *
 * <p>Used by one thread at a time; {@link #close()} by any, which ends what that thread waits for.
 */
final class Lines implements Closeable {
    static final int LONGEST = 512;
    private static final int BUFFER = 16 * 1024;

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final ByteBuffer in = ByteBuffer.allocate(BUFFER).flip();

    Lines(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
        selector = Selector.open();
        key = channel.register(selector, SelectionKey.OP_READ);
    }

    /** Waits, however long, until there is something to read, the other side has hung up, or somebody waits to be accepted. */
    void awaitAny(ServerSocketChannel door) throws IOException {
        if (in.hasRemaining()) {
            return;
        }
        SelectionKey knocking = door.register(selector, SelectionKey.OP_ACCEPT);
        try {
            await(SelectionKey.OP_READ, 0);
        } finally {
            if (knocking.isValid()) {
                knocking.interestOps(0);
            }
        }
    }

    /** Reads what there is: whether there is something, nothing yet, or nothing any more. */
    Ready ready() throws IOException {
        boolean open = in.hasRemaining() || fill();
        return in.hasRemaining() ? Ready.YES : open ? Ready.NOT_YET : Ready.NEVER;
    }

    /** Whether the other side has hung up, or said something that nobody asked for. */
    boolean isOver() {
        try {
            return in.hasRemaining() || !fill() || in.hasRemaining();
        } catch (IOException e) {
            return true;
        }
    }

    /**
     * Reads a line, without its end.
     *
     * @throws ProtocolException if it is too long, or holds anything but printable ASCII
     * @throws SocketTimeoutException if it is not there in time
     * @throws EOFException if the other side has hung up
     */
    String read(Deadline deadline) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            while (in.hasRemaining()) {
                byte next = in.get();
                if (next == '\n') {
                    return line.toString();
                }
                if (next < ' ' || next > '~') {
                    throw new ProtocolException("a line holds something else than printable ASCII");
                }
                if (line.length() == LONGEST) {
                    throw new ProtocolException("a line is longer than " + LONGEST + " bytes");
                }
                line.append((char) next);
            }
            if (!fill()) {
                throw new EOFException("the other side has hung up");
            }
            if (!in.hasRemaining()) {
                await(SelectionKey.OP_READ, deadline.left().toMillis());
            }
        }
    }

    /** @throws SocketTimeoutException if the other side does not take it in time */
    void write(String text, Deadline deadline) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
        while (out.hasRemaining()) {
            if (channel.write(out) == 0) {
                await(SelectionKey.OP_WRITE, deadline.left().toMillis());
            }
        }
    }

    /** Reads what there is; false at the end of the connection. */
    private boolean fill() throws IOException {
        in.clear();
        try {
            return channel.read(in) >= 0;
        } finally {
            in.flip();
        }
    }

    /** @param millis 0 for however long */
    private void await(int operation, long millis) throws IOException {
        try {
            key.interestOps(operation);
            selector.select(ready -> {}, millis);
        } catch (CancelledKeyException | ClosedSelectorException e) {
            throw new AsynchronousCloseException();
        }
        if (!channel.isOpen() || Thread.currentThread().isInterrupted()) {
            throw new AsynchronousCloseException();
        }
    }

    @Override
    public void close() throws IOException {
        try (channel;
                selector) {
            selector.wakeup();
        }
    }

    /** Whether there is something to read. */
    enum Ready {
        YES,
        NOT_YET,
        NEVER
    }

    /** The moment by which something has to be done. */
    record Deadline(long nanoTime) {
        static Deadline in(Duration time) {
            return new Deadline(System.nanoTime() + time.toNanos());
        }

        /** At least a millisecond. */
        Duration left() throws SocketTimeoutException {
            long nanos = nanoTime - System.nanoTime();
            if (nanos <= 0) {
                throw new SocketTimeoutException("the other side did not do its part in time");
            }
            return Duration.ofNanos(Math.max(nanos, 1_000_000));
        }
    }
}
