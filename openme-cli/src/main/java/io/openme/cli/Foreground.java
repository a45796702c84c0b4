package io.openme.cli;

import io.openme.doorman.Doorman;
import io.openme.spi.OpenmeException;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a doorman until the process is told to end. */
final class Foreground {
    private static final Logger LOG = LoggerFactory.getLogger(Foreground.class);

    private final Doorman doorman;
    private final Thread hook;

    private Foreground(Doorman doorman) {
        this.doorman = doorman;
        this.hook = new Thread(this::end, "openme-shutdown");
    }

    /**
     * Starts the doorman, and closes it at SIGTERM, SIGINT or when this thread is interrupted. Returns only in the last
     * case; the signals end the JVM, with {@link ExitCode#OK} if the doorman closed well.
     */
    static int run(Doorman doorman) {
        return new Foreground(doorman).run();
    }

    private int run() {
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            doorman.start();
        } catch (RuntimeException e) {
            if (!removeHook()) {
                // Told to end while starting: what failed is the consequence, and the hook ends the JVM.
                park();
            }
            throw e;
        }
        park();
        // Removed first: with a signal now, both would close, which is harmless, and the signal's exit code is as good.
        removeHook();
        doorman.close();
        return ExitCode.OK;
    }

    /** Until interrupted. */
    private static void park() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean removeHook() {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private void end() {
        int code = ExitCode.OK;
        try {
            doorman.close();
        } catch (OpenmeException e) {
            LOG.error("Could not close cleanly: {}", e.getMessage());
            code = ExitCode.USAGE;
        }
        // Without it the exit code is that of the signal, and a service manager takes a clean end for a failure.
        Runtime.getRuntime().halt(code);
    }
}
