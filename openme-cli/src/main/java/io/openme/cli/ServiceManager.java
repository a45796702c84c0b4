package io.openme.cli;

import io.openme.doorman.Health;
import io.openme.exec.CommandException;
import io.openme.exec.CommandResult;
import io.openme.exec.CommandRunner;
import io.openme.exec.Limits;
import io.openme.internal.text.Printable;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd how a doorman, or a firewall helper, is: that it is ready, reloads, ends, and - as long as its threads do their work - that it is
 * alive. Where no service manager asks for it ({@code NOTIFY_SOCKET}), nothing is told.
 *
 * <p>The JDK has no datagram sockets of Unix, so each message is a run of {@code systemd-notify}. Its messages come from another
 * process than the main one, so the unit says {@code NotifyAccess=all}. A doorman that can't start a program any more can't
 * start {@code nft} either: then nothing is told, and the watchdog has it started anew.
 */
final class ServiceManager implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);
    private static final Limits LIMITS = Limits.of(Duration.ofSeconds(5));
    private static final int LONGEST_STATUS = 300;

    private final Optional<CommandRunner> runner;
    private final Optional<Duration> watchdog;
    private final ScheduledExecutorService timer;
    private boolean complained;

    private ServiceManager(Optional<CommandRunner> runner, Optional<Duration> watchdog) {
        this.runner = runner;
        this.watchdog = watchdog;
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "openme-watchdog");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** The one that this environment names. */
    static ServiceManager of(Map<String, String> environment) {
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (socket.isEmpty()) {
            return new ServiceManager(Optional.empty(), Optional.empty());
        }
        String pid = environment.getOrDefault("WATCHDOG_PID", "");
        boolean ours = pid.isEmpty()
                || pid.equals(Long.toString(ProcessHandle.current().pid()));
        return new ServiceManager(
                Optional.of(new CommandRunner(List.of("env", "NOTIFY_SOCKET=" + socket))),
                Optional.of(environment.getOrDefault("WATCHDOG_USEC", ""))
                        .filter(usec -> ours && usec.matches("[1-9][0-9]{0,15}"))
                        .map(usec -> Duration.of(Long.parseLong(usec), ChronoUnit.MICROS)));
    }

    /**
     * It has started. From now on it is told to be alive, three times in the time in which once is enough.
     *
     * @param life how it is, in a line; empty if it does not do its work. Any thread
     */
    void ready(Supplier<Optional<String>> life) {
        if (runner.isEmpty()) {
            return;
        }
        tell("READY=1", "STATUS=" + life.get().orElse("It does not do its work"));
        watchdog.ifPresent(longest -> {
            long pause = Math.max(1, longest.toNanos() / 3);
            var unused = timer.scheduleAtFixedRate(() -> feed(life), 0, pause, TimeUnit.NANOSECONDS);
        });
    }

    private void feed(Supplier<Optional<String>> life) {
        try {
            life.get().ifPresent(state -> tell("WATCHDOG=1", "STATUS=" + state));
        } catch (Throwable e) {
            // One that gets lost costs nothing; if the next are lost as well, the service manager acts.
            complain(e.toString());
        }
    }

    /** It reads its files anew; {@link #reloaded} follows. */
    void reloading() {
        // As the protocol wants it: by CLOCK_MONOTONIC, which is what the JDK counts by on Linux.
        tell("RELOADING=1", "MONOTONIC_USEC=" + System.nanoTime() / 1000);
    }

    /** It is done with that, whatever came of it. */
    void reloaded() {
        tell("READY=1");
    }

    /** It ends. */
    void stopping() {
        timer.shutdownNow();
        tell("STOPPING=1", "STATUS=Ending");
    }

    /** It can't go on, and ends. */
    void failed(String reason) {
        timer.shutdownNow();
        tell("STOPPING=1", "STATUS=" + line("Failed: " + reason));
    }

    /** Tells nothing more by itself. */
    @Override
    public void close() {
        timer.shutdownNow();
    }

    private void tell(String... assignments) {
        if (runner.isEmpty()) {
            return;
        }
        List<String> command = new ArrayList<>(List.of("systemd-notify"));
        command.addAll(List.of(assignments));
        try {
            CommandResult result = runner.get().run(command, new byte[0], LIMITS);
            if (result.exitCode() != 0) {
                complain("exit code " + result.exitCode() + ", " + line(result.errors()));
            }
        } catch (CommandException e) {
            complain(String.valueOf(e.getMessage()));
        }
    }

    private synchronized void complain(String reason) {
        if (complained) {
            LOG.debug("systemd-notify failed again: {}", reason);
        } else {
            complained = true;
            LOG.warn(
                    "The service manager can't be told how this process is: systemd-notify failed ({}). It is in Debian's"
                            + " package systemd; without it use Type=exec, and no WatchdogSec=",
                    reason);
        }
    }

    /** The life of a doorman. A firewall that fails is not the end of it: a new start would not mend that. */
    static Optional<String> life(Health health) {
        return health.alive() ? Optional.of(status(health)) : Optional.empty();
    }

    private static String status(Health health) {
        String numbers = health.openings() + " opening(s), " + health.connections() + " connected";
        return line(
                health.problems().isEmpty()
                        ? numbers
                        : health.problems().stream().collect(Collectors.joining("; ")) + "; " + numbers);
    }

    /** One line: another one would be a message of its own. */
    private static String line(String text) {
        return Printable.of(text.strip(), LONGEST_STATUS);
    }
}
