package io.openme.cli;

import io.openme.spi.OpenmeException;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a signal that ends the process has done first. */
final class OnEnd {
    private static final Logger LOG = LoggerFactory.getLogger(OnEnd.class);

    private OnEnd() {}

    /**
     * Does this work, on this thread. SIGTERM, SIGINT or SIGHUP meanwhile do that at the end, and then end the JVM, with
     * {@link ExitCode#OK} if it worked; this method does not return then.
     */
    static void run(Runnable atTheEnd, Runnable work) {
        Thread hook = new Thread(() -> end(atTheEnd), "openme-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        work.run();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            park();
        }
    }

    private static void end(Runnable atTheEnd) {
        int code = ExitCode.OK;
        try {
            atTheEnd.run();
        } catch (OpenmeException e) {
            LOG.error("Could not close cleanly: {}", e.getMessage());
            code = ExitCode.USAGE;
        }
        // Without it the exit code is that of the signal, and a service manager takes a clean end for a failure.
        Runtime.getRuntime().halt(code);
    }

    /** The hook ends the JVM. */
    private static void park() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
