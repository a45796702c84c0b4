package io.openme.internal.jfr;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.doorman.DoormanMetrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JfrMetricsTest {
    private static final Duration TOOK = Duration.ofMillis(7);

    @TempDir
    private Path directory = Path.of("");

    @Test
    void whatADoormanDoesCanBeReadFromARecording() throws IOException {
        Path file = directory.resolve("openme.jfr");
        DoormanMetrics metrics = new JfrMetrics();
        try (Recording recording = new Recording()) {
            for (String name : List.of("Handshake", "Command", "FirewallCommit", "Reload")) {
                recording.enable("openme." + name).withoutThreshold();
            }
            recording.start();
            metrics.handshake(false, TOOK);
            metrics.answered("open", "not-permitted", TOOK);
            metrics.applied(3, true, TOOK);
            metrics.reloaded(false, TOOK);
            recording.stop();
            recording.dump(file);
        }

        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        assertThat(events).hasSize(4).allSatisfy(event -> {
            assertThat(event.getDuration("took")).isEqualTo(TOOK);
            assertThat(event.getEventType().getCategoryNames()).containsExactly("openme");
        });
        assertThat(value(events, "openme.Handshake", e -> e.getBoolean("accepted")))
                .isEqualTo(false);
        assertThat(value(events, "openme.Command", e -> e.getString("command") + " " + e.getString("outcome")))
                .isEqualTo("open not-permitted");
        assertThat(value(events, "openme.FirewallCommit", e -> e.getInt("changes") + " " + e.getBoolean("worked")))
                .isEqualTo("3 true");
        assertThat(value(events, "openme.Reload", e -> e.getBoolean("worked"))).isEqualTo(false);
    }

    private static Object value(List<RecordedEvent> events, String name, Function<RecordedEvent, Object> what) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .map(what)
                .findFirst()
                .orElseThrow();
    }
}
