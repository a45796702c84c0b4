package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openme.testkit.Host;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A doorman in a process of its own, whose log stays in {@code target/end-to-end}. */
final class DoormanProcess {
    private static final int SECONDS = 30;
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final Path log;
    private final Process process;

    DoormanProcess(Host host, String test, List<String> arguments) {
        log = Path.of("target", "end-to-end", test + "-" + COUNT.incrementAndGet() + ".log");
        try {
            Files.createDirectories(log.getParent());
            Files.writeString(log, ""); // an earlier run's would say that it has started
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // The shell becomes the program, so that a signal to the process is one to the doorman.
        List<String> command = new ArrayList<>(List.of("sh", "-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1", "sh"));
        command.add(log.toString());
        command.addAll(arguments);
        process = host.start(command.toArray(String[]::new));
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** Until it says that it listens and guards; a mere connection would succeed before it guards. */
    void awaitStarted() {
        await().atMost(Duration.ofSeconds(SECONDS))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .failFast("the doorman ended; see " + log, () -> !process.isAlive())
                .until(() -> log().contains("Listening on "));
    }

    /** Until its log says this. */
    void awaitLog(String text) {
        await().atMost(Duration.ofSeconds(SECONDS))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> assertThat(log()).contains(text));
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGHUP. */
    void hangUp() {
        signal("HUP");
    }

    void signal(String name) {
        try {
            assertThat(new ProcessBuilder("kill", "-" + name, "" + process.pid())
                            .start()
                            .waitFor())
                    .isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGTERM, as a service manager ends it. */
    void terminate() {
        process.destroy();
        assertThat(exitCode()).as(log()).isEqualTo(ExitCode.OK);
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
        exitCode();
    }

    /** Once it has ended. */
    int exitCode() {
        try {
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS))
                    .as("it ended")
                    .isTrue();
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
