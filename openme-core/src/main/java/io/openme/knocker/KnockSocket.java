package io.openme.knocker;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * A socket for knocks, one after the other.
 *
 * <p>Reading has one deadline and one bound for all that answers a knock: a timeout for each read alone would let a server that drips
 * hold the caller for ever. Writing never fails: a server that refuses a certificate hangs up while the client still
 * writes, and its reason, an alert, is there to be read all the same. A connection that is really gone shows at that read.
 */
final class KnockSocket extends Socket {
    private static final int MOST_BYTES = 192 * 1024;

    private Deadline deadline;
    private int left = MOST_BYTES;

    KnockSocket(Deadline deadline) {
        this.deadline = deadline;
    }

    /** From here on it is about another knock, which has until then. */
    void begin(Deadline time) {
        deadline = time;
        left = MOST_BYTES;
    }

    void closeQuietly() {
        try {
            close();
        } catch (IOException e) {
            // What matters was said before; the descriptor is gone all the same.
        }
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new BoundedInput(super.getInputStream());
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return new ForgivingOutput(super.getOutputStream());
    }

    private final class BoundedInput extends FilterInputStream {
        BoundedInput(InputStream in) {
            super(in);
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
            setSoTimeout(deadline.millisLeft());
            int count = super.read(into, offset, Math.min(length, left));
            left -= Math.max(0, count);
            return count;
        }
    }

    private static final class ForgivingOutput extends FilterOutputStream {
        ForgivingOutput(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            try {
                out.write(from, offset, length);
            } catch (IOException e) {
                // The next read tells why.
            }
        }
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
