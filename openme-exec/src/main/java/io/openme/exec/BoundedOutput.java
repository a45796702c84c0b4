package io.openme.exec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Keeps what a command writes, up to a bound. Written by one thread and read by another. */
final class BoundedOutput extends OutputStream {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final int bound;
    private final Runnable onOverflow;

    BoundedOutput(int bound, Runnable onOverflow) {
        this.bound = bound;
        this.onOverflow = onOverflow;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] source, int offset, int length) throws IOException {
        if (length > bound - bytes.size()) {
            onOverflow.run();
            throw new IOException("more than " + bound + " bytes");
        }
        bytes.write(source, offset, length);
    }

    synchronized String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
