package io.openme.cli;

import io.openme.doorman.Doorman;
import io.openme.spi.FirewallException;
import io.openme.spi.OpenmeException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a doorman until the process is told to end. */
final class Foreground {
    private static final Logger LOG = LoggerFactory.getLogger(Foreground.class);

    private final Doorman doorman;
    private final Optional<Trial> trial;
    private final Oversight oversight;
    private final Thread hook;

    /** What SIGHUP does. */
    enum OnHangUp {
        /** Closes the doorman, and ends. */
        END,
        /** Has the doorman read anew what decides who gets in. */
        RELOAD
    }

    private Foreground(Doorman doorman, Optional<Trial> trial, Oversight oversight) {
        this.doorman = doorman;
        this.trial = trial;
        this.oversight = oversight;
        this.hook = new Thread(this::end, "openme-shutdown");
    }

    /**
     * Starts the doorman, and closes it at SIGTERM, SIGINT, perhaps SIGHUP, when this thread is interrupted or when a trial ends that
     * nobody confirmed. Returns only in the last two cases, and where the doorman or any thread of this process fails: with
     * {@link ExitCode#FAILED} then, and with the guard as it is. The signals end the JVM, with {@link ExitCode#OK} if the
     * doorman closed well. A trial that was not confirmed is taken back, however it ends.
     *
     * @param oversight closed once the doorman has, as what comes after may not run: signals end the JVM
     */
    static int run(Doorman doorman, Optional<Trial> trial, Oversight oversight, OnHangUp onHangUp) {
        if (onHangUp == OnHangUp.RELOAD) {
            HangUp.handle(() -> reload(doorman, oversight.manager()));
        }
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler(oversight.failure());
        try {
            return new Foreground(doorman, trial, oversight).run();
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    private static void reload(Doorman doorman, ServiceManager manager) {
        manager.reloading();
        try {
            doorman.reload();
        } catch (RuntimeException | Error e) {
            // The doorman has told what can't be used; before its start and after its end there is nothing to reload.
            LOG.debug("Not reloaded", e);
        } finally {
            manager.reloaded();
        }
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
            if (e instanceof FirewallException failure && !failure.nothingChanged()) {
                takeBackAfter(e);
            }
            throw e;
        }
        Failure failure = oversight.failure();
        failure.andThen(() -> trial.ifPresent(Trial::giveUp));
        oversight.manager().ready(() -> ServiceManager.life(doorman.health()));
        if (trial.map(Foreground::isKept).orElse(true)) {
            Optional<String> reason = failure.await();
            if (reason.isPresent()) {
                return failed(reason.get());
            }
        }
        // Removed first: with a signal now, both would close, which is harmless, and the signal's exit code is as good.
        removeHook();
        close();
        return failure.what().isPresent() ? ExitCode.FAILED : ExitCode.OK;
    }

    /** Leaves the doorman as it is: to close it could hang, and could remove the guard. */
    private int failed(String reason) {
        LOG.error(
                "Ending, since {}. The guard stays, and what is open until the firewall ends it or openme serve is started"
                        + " again, which goes on with it",
                reason);
        oversight.manager().failed(reason);
        oversight.close();
        removeHook();
        return ExitCode.FAILED;
    }

    /** Whether it goes on after the trial. */
    private static boolean isKept(Trial trial) {
        try {
            trial.begin();
            return trial.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void close() {
        oversight.manager().stopping();
        try {
            doorman.close();
        } catch (RuntimeException e) {
            takeBackAfter(e);
            throw e;
        } finally {
            oversight.close();
        }
        takeBack();
    }

    private void takeBack() {
        trial.filter(t -> !t.isConfirmed()).ifPresent(Trial::takeBack);
    }

    private void takeBackAfter(RuntimeException failure) {
        try {
            takeBack();
        } catch (RuntimeException later) {
            LOG.error("Could not take everything back: {}. Run: openme uninstall", later.getMessage());
            failure.addSuppressed(later);
        }
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
            close();
        } catch (OpenmeException e) {
            LOG.error("Could not close cleanly: {}", e.getMessage());
            code = ExitCode.USAGE;
        }
        // Without it the exit code is that of the signal, and a service manager takes a clean end for a failure.
        Runtime.getRuntime().halt(code);
    }
}
