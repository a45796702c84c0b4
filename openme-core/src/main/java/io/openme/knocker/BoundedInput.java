package io.openme.knocker;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * A socket's input with one deadline and one bound for all that is read: a timeout for each read alone would let a server
 * that drips hold the caller for ever.
 */
final class BoundedInput extends InputStream {
    private static final int MOST_BYTES = 128 * 1024;

    private final Socket socket;
    private final InputStream in;
    private final Deadline deadline;
    private int left = MOST_BYTES;

    BoundedInput(Socket socket, Deadline deadline) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        this.deadline = deadline;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (left == 0) {
            throw new IOException("the server sent more than " + MOST_BYTES + " bytes");
        }
        socket.setSoTimeout(deadline.millisLeft());
        int count = in.read(into, offset, Math.min(length, left));
        left -= Math.max(0, count);
        return count;
    }

    @Override
    public int available() throws IOException {
        return Math.min(left, in.available());
    }

    /** A moment that does not move when the system's clock is set. */
    static final class Deadline {
        private final long start = System.nanoTime();
        private final Duration time;

        Deadline(Duration time) {
            this.time = time;
        }

        Duration elapsed() {
            return Duration.ofNanos(System.nanoTime() - start);
        }

        /** Rounded up, so at least 1: to a socket, 0 is no timeout. */
        int millisLeft() throws SocketTimeoutException {
            Duration left = time.minus(elapsed());
            if (left.isNegative() || left.isZero()) {
                throw new SocketTimeoutException("no time is left");
            }
            return (int) Math.min(left.plusNanos(999_999).toMillis(), Integer.MAX_VALUE);
        }
    }
}
