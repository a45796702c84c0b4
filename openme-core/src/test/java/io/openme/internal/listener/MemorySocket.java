package io.openme.internal.listener;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An accepted connection without a network: what the peer sends is put in, what it is sent is taken out. */
final class MemorySocket extends SocketChannel {
    private static final InetSocketAddress PEER = peer();

    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private ByteBuffer arrived = ByteBuffer.allocate(0);
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean reset;
    /** How many bytes more the peer takes. */
    private int window = Integer.MAX_VALUE;

    private long read;
    private long written;

    MemorySocket() {
        super(SelectorProvider.provider());
    }

    /** The peer sends this. */
    void arrive(byte[] bytes) {
        if (!inputEnded) {
            ByteBuffer more = ByteBuffer.allocate(arrived.remaining() + bytes.length);
            arrived = more.put(arrived).put(bytes).flip();
        }
    }

    /** The peer will send nothing more. */
    void endInput() {
        inputEnded = true;
    }

    /** The peer resets the connection. */
    void reset() {
        reset = true;
    }

    /** The peer takes no more than this from now on. */
    void window(int bytes) {
        window = bytes;
    }

    /** What was sent to the peer since the last time. */
    byte[] takeSent() {
        byte[] bytes = sent.toByteArray();
        sent.reset();
        return bytes;
    }

    boolean isReadable() {
        return reset || inputEnded || arrived.hasRemaining();
    }

    boolean isWritable() {
        return reset || window > 0;
    }

    long bytesRead() {
        return read;
    }

    long bytesWritten() {
        return written;
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        check();
        if (!arrived.hasRemaining()) {
            return inputEnded ? -1 : 0;
        }
        int length = Math.min(to.remaining(), arrived.remaining());
        to.put(arrived.slice(arrived.position(), length));
        arrived.position(arrived.position() + length);
        read += length;
        return length;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        check();
        if (outputEnded) {
            throw new ClosedChannelException();
        }
        byte[] bytes = new byte[Math.min(from.remaining(), window)];
        from.get(bytes);
        sent.writeBytes(bytes);
        window -= bytes.length;
        written += bytes.length;
        return bytes.length;
    }

    private void check() throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        if (reset) {
            throw new IOException("Connection reset by peer");
        }
    }

    @Override
    public SocketChannel shutdownOutput() throws IOException {
        check();
        outputEnded = true;
        return this;
    }

    @Override
    public <T> SocketChannel setOption(SocketOption<T> name, T value) throws IOException {
        check();
        return this;
    }

    @Override
    public SocketAddress getRemoteAddress() {
        return PEER;
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public boolean isConnectionPending() {
        return false;
    }

    @Override
    public boolean connect(SocketAddress remote) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean finishConnect() {
        return true;
    }

    @Override
    public SocketChannel bind(@Nullable SocketAddress local) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketAddress getLocalAddress() {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public SocketChannel shutdownInput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket socket() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long read(ByteBuffer[] to, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void implCloseSelectableChannel() {}

    @Override
    protected void implConfigureBlocking(boolean block) {}

    private static InetSocketAddress peer() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);
    }
}
