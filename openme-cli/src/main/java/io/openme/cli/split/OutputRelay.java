package io.openme.cli.split;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;

/**
 * Passes on what a process without rights writes, so that it need not have what this one writes to: who has a terminal can
 * also read what is typed there. Only lines of printable ASCII are passed on, since a terminal obeys more than that.
 */
final class OutputRelay {
    private static final int BUFFER = 8192;
    private static final long PATIENCE = TimeUnit.SECONDS.toMillis(2);

    private final InputStream from;
    private final OutputStream to;
    // Made before there is a need, so that want of memory does not end it: the other side would wait for ever then.
    private final byte[] buffer = new byte[BUFFER];
    private final Thread thread = new Thread(this::run, "openme-output");

    private OutputRelay(InputStream from, OutputStream to) {
        this.from = from;
        this.to = to;
    }

    /** Begins to pass on, by a thread of its own, until there is nothing more. */
    static OutputRelay start(InputStream from, OutputStream to) {
        OutputRelay relay = new OutputRelay(from, to);
        relay.thread.setDaemon(true);
        relay.thread.start();
        return relay;
    }

    /** Waits a little for the last words of a process that has ended; one that it has left behind may write for ever. */
    void await() throws InterruptedException {
        thread.join(PATIENCE);
    }

    private void run() {
        try (from) {
            int length = from.read(buffer);
            while (length >= 0) {
                makePrintable(length);
                pass(length);
                length = from.read(buffer);
            }
        } catch (IOException e) {
            // It has ended, and with it what it had to say.
            return;
        }
    }

    private void makePrintable(int length) {
        for (int i = 0; i < length; i++) {
            byte each = buffer[i];
            if ((each < ' ' && each != '\n' && each != '\t') || each > '~') {
                buffer[i] = '?';
            }
        }
    }

    private void pass(int length) {
        try {
            to.write(buffer, 0, length);
            to.flush();
        } catch (IOException e) {
            // Nobody hears it any more; it is read all the same, so that its writer does not wait.
            return;
        }
    }
}
