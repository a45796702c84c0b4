package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Stands in for systemd: a datagram socket that {@code systemd-notify} writes to. */
final class Supervisor implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path socket;
    private final Process process;
    private final List<String> messages = new ArrayList<>();

    Supervisor(Path directory) throws IOException {
        socket = directory.resolve("notify");
        process = new ProcessBuilder("python3", "src/test/resources/supervisor.py", socket.toString())
                .redirectErrorStream(true)
                .start();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        assertThat(lines.readLine()).isEqualTo("bound");
        Thread reader = new Thread(() -> lines.lines().forEach(this::hear), "supervisor");
        reader.setDaemon(true);
        reader.start();
    }

    /** What a service of it has in its environment. */
    Map<String, String> environment(Duration watchdog) {
        return Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", Long.toString(watchdog.toNanos() / 1000));
    }

    /** What was told, but for the end marks of systemd-notify. */
    synchronized List<String> messages() {
        return messages.stream().filter(line -> !line.contains("BARRIER=1")).toList();
    }

    private synchronized void hear(String message) {
        messages.add(message);
        notifyAll();
    }

    /** Forgets what was told, and waits until this is. */
    synchronized void awaitNext(String start) throws InterruptedException {
        messages.clear();
        awaitMessage(start);
    }

    /**
     * Waits until a message begins with this. Not by Awaitility, which changes the process's handler of uncaught exceptions:
     * that is what tests with this look at.
     */
    synchronized void awaitMessage(String start) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (messages.stream().noneMatch(line -> line.startsWith(start))) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            assertThat(left).as("waiting for %s after %s", start, messages).isPositive();
            wait(left);
        }
    }

    /** Waits until nothing is told any more for so long. */
    synchronized void awaitSilence(Duration length) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        long since = System.nanoTime();
        messages.clear();
        while (System.nanoTime() - since < length.toNanos()) {
            assertThat(deadline - System.nanoTime()).as("waiting for silence").isPositive();
            wait(length.toMillis());
            if (!messages.isEmpty()) {
                messages.clear();
                since = System.nanoTime();
            }
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
