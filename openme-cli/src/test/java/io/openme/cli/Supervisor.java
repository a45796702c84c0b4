package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands in for systemd: a datagram socket that {@code systemd-notify} writes to. */
final class Supervisor implements AutoCloseable {
    private final Path socket;
    private final Process process;
    private final List<String> messages = new CopyOnWriteArrayList<>();

    Supervisor(Path directory) throws IOException {
        socket = directory.resolve("notify");
        process = new ProcessBuilder("python3", "src/test/resources/supervisor.py", socket.toString())
                .redirectErrorStream(true)
                .start();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        assertThat(lines.readLine()).isEqualTo("bound");
        Thread reader = new Thread(() -> lines.lines().forEach(messages::add), "supervisor");
        reader.setDaemon(true);
        reader.start();
    }

    /** What a service of it has in its environment. */
    Map<String, String> environment(Duration watchdog) {
        return Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", Long.toString(watchdog.toNanos() / 1000));
    }

    /** What was told, but for the end marks of systemd-notify. */
    List<String> messages() {
        return messages.stream().filter(line -> !line.contains("BARRIER=1")).toList();
    }

    /** Forgets what was told, and waits until this is. */
    void awaitNext(String start) {
        messages.clear();
        awaitMessage(start);
    }

    /** Waits until a message begins with this. */
    void awaitMessage(String start) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() ->
                        assertThat(messages).anySatisfy(line -> assertThat(line).startsWith(start)));
    }

    /** Waits until nothing is told any more for so long. */
    void awaitSilence(Duration length) {
        await().atMost(Duration.ofSeconds(60)).pollInterval(length).until(() -> {
            boolean silent = messages.isEmpty();
            messages.clear();
            return silent;
        });
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
