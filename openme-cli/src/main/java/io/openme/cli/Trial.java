package io.openme.cli;

import io.openme.cli.config.Durations;
import io.openme.spi.Firewall;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A time in which somebody has to confirm a guard, so that one who is locked out by it only has to wait.
 *
 * <p>Enter at the terminal confirms, and so does a file that appears.
 */
final class Trial {
    private static final Logger LOG = LoggerFactory.getLogger(Trial.class);
    private static final Duration LOOK = Duration.ofMillis(500);

    private final Duration length;
    private final Optional<Path> confirmFile;
    private final Terminal terminal;
    private final ScheduledExecutorService timer;
    private final Firewall remover;
    private final CompletableFuture<Boolean> decision = new CompletableFuture<>();
    private boolean takenBack;

    /**
     * A trial that has not begun.
     *
     * @param remover takes the guard back; one of its own, as the doorman's is closed by then
     */
    Trial(
            Duration length,
            Optional<Path> confirmFile,
            Terminal terminal,
            ScheduledExecutorService timer,
            Firewall remover) {
        this.length = length;
        this.confirmFile = confirmFile;
        this.terminal = terminal;
        this.timer = timer;
        this.remover = remover;
    }

    /** Begins to count. */
    void begin() {
        LOG.warn(
                "This is a trial: in {} everything is taken back, unless {}{}{}",
                Durations.format(length),
                terminal.isThere() ? "Enter is pressed here" : "",
                terminal.isThere() && confirmFile.isPresent() ? " or " : "",
                confirmFile.map(file -> "the file " + file + " is made").orElse(""));
        var unused = timer.schedule(() -> decision.complete(false), length.toMillis(), TimeUnit.MILLISECONDS);
        if (confirmFile.isPresent()) {
            lookFor(confirmFile.get());
        }
        if (terminal.isThere()) {
            Thread thread = new Thread(this::listen, "openme-trial-terminal");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Waits for Enter; the end of the input, such as that of a lost connection, is none. */
    void listen() {
        if (terminal.ask("openme: knock, connect anew from another window, and press Enter here if that works:")
                .isPresent()) {
            decision.complete(true);
        }
    }

    private void lookFor(Path file) {
        if (Files.exists(file)) {
            decision.complete(true);
        } else if (!decision.isDone()) {
            var unused = timer.schedule(() -> lookFor(file), LOOK.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Ends it now, unless it was confirmed. */
    void giveUp() {
        decision.complete(false);
    }

    /** Whether it was confirmed so far. */
    boolean isConfirmed() {
        return decision.getNow(false);
    }

    /** Waits for the end; whether it was confirmed. */
    boolean await() throws InterruptedException {
        try {
            boolean confirmed = decision.get();
            if (confirmed) {
                LOG.info("Confirmed: this is a trial no longer");
            } else {
                LOG.warn("Nobody confirmed within {}: everything is taken back", Durations.format(length));
            }
            return confirmed;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Removes everything of the owner from the host. Idempotent; by any thread, once the doorman is closed. */
    synchronized void takeBack() {
        if (!takenBack) {
            remover.uninstall();
            takenBack = true;
            LOG.info("Everything was taken back");
        }
    }
}
