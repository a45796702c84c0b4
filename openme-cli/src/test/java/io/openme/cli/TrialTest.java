package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.firewall.InProcessFirewall;
import io.openme.spi.Change;
import io.openme.spi.Opening;
import io.openme.testkit.ManualTime;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TrialTest {
    private static final Duration LENGTH = Duration.ofMinutes(10);

    private final ManualTime time = new ManualTime(Instant.EPOCH);

    @TempDir
    private Path directory = Path.of("");

    @Test
    void isOverWhenNobodyConfirmsInTime() throws InterruptedException {
        Trial trial = trial(new Run.Typed(List.of()));
        trial.begin();

        time.advance(LENGTH);

        assertThat(trial.await()).isFalse();
        assertThat(trial.isConfirmed()).isFalse();
    }

    @Test
    void isConfirmedByAFileUntilItsLastMoment() throws IOException, InterruptedException {
        Trial trial = trial(new Run.Typed(List.of()));
        trial.begin();
        time.advance(LENGTH.minusSeconds(1));
        assertThat(trial.isConfirmed()).isFalse();

        Files.createFile(directory.resolve("confirmed"));
        time.advance(Duration.ofMillis(500));

        assertThat(trial.await()).isTrue();
        time.advance(LENGTH);
        assertThat(trial.isConfirmed()).isTrue();
    }

    @Test
    void isNotConfirmedByAFileThatComesTooLate() throws IOException, InterruptedException {
        Trial trial = trial(new Run.Typed(List.of()));
        trial.begin();
        time.advance(LENGTH);

        Files.createFile(directory.resolve("confirmed"));
        time.advance(LENGTH);

        assertThat(trial.await()).isFalse();
    }

    @Test
    void isConfirmedByEnter() throws InterruptedException {
        Trial trial = trial(new Run.Typed(List.of("")));

        trial.begin();

        assertThat(trial.await()).isTrue();
    }

    @Test
    void isNotConfirmedByATerminalThatIsLost() {
        Run.Typed lost = new Run.Typed(List.of("the only line"));
        assertThat(lost.ask("")).isPresent();
        Trial trial = trial(lost);

        trial.listen();

        assertThat(trial.isConfirmed()).isFalse();
    }

    @Test
    void takesBackEverything() {
        InProcessFirewall firewall = new InProcessFirewall(time.clock());
        InetAddress alice = InetAddress.getLoopbackAddress();
        firewall.install(List.of(new Change.Open(new Opening(alice, "ssh"), LENGTH)));
        Trial trial = new Trial(LENGTH, Optional.empty(), new Run.Typed(List.of()), time, firewall);
        assertThat(firewall.admits(alice, "ssh")).isTrue();

        trial.takeBack();
        trial.takeBack();

        assertThat(firewall.admits(alice, "ssh")).isFalse();
    }

    private Trial trial(Terminal terminal) {
        return new Trial(LENGTH, Optional.of(directory.resolve("confirmed")), terminal, time, new InProcessFirewall());
    }
}
