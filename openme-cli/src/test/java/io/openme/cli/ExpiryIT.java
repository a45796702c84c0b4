package io.openme.cli;

import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Protocol;
import io.openme.testkit.Connection;
import io.openme.testkit.Host;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.Verdict;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A grant of three seconds. */
class ExpiryIT extends EndToEnd {
    private static final Duration LIFETIME = Duration.ofSeconds(3);
    private static final Duration EARLIEST = Duration.ofMillis(2500);
    /** The kernel counts in ticks, of 10 ms at the coarsest. */
    private static final Duration RESOLUTION = Duration.ofMillis(10);

    private static final Duration PATIENCE = LIFETIME.plusSeconds(20);
    private static final Pattern OK = Pattern.compile("OK: .*\\((\\d+) ms\\)");

    private DoormanProcess doorman;

    ExpiryIT(TestNetwork network) {
        super(network);
    }

    @BeforeEach
    void start() {
        doorman = serve(configuration("grants: { lifetime: 3s }"));
    }

    @AfterEach
    void stop() {
        doorman.kill();
        nft("delete table inet openme");
    }

    @Test
    void endsWithTheDoormanAliveAndLeavesAnEstablishedConnectionAlone() throws IOException {
        Granted granted = open();
        Connection session = client.connect(server4, SSH);

        closesInTime(granted);

        assertThat(session.talk()).isEqualTo(OPEN);
        assertThat(admitted()).isEmpty();
    }

    @Test
    void endsInTheKernelWithTheDoormanKilledRightAfterTheOk() throws IOException {
        Granted granted = open();
        doorman.kill();

        closesInTime(granted);

        assertThat(admitted()).isEmpty();
    }

    /**
     * The grant began between these, on the clock of {@link System#nanoTime}: the knock, and its OK.
     *
     * @param knocked at the latest
     * @param ok at the earliest
     */
    private record Granted(long knocked, long ok) {}

    /** Comes back as soon as the program says OK, which is before it has ended. */
    private Granted open() throws IOException {
        List<String> command = new ArrayList<>(program());
        command.addAll(knocking("alice", server4, "open"));
        Process open = client.start(command.toArray(String[]::new));
        BufferedReader output =
                new BufferedReader(new InputStreamReader(open.getInputStream(), StandardCharsets.UTF_8));
        String line = String.valueOf(output.readLine());
        long now = System.nanoTime();
        Matcher matcher = OK.matcher(line);
        assertThat(matcher.matches()).as(line).isTrue();
        Duration took = Duration.ofMillis(Long.parseLong(matcher.group(1)) + 1);
        return new Granted(now - took.toNanos(), now);
    }

    /**
     * Connects until that fails. No bound here depends on how fast this machine is: a connect that succeeds began before
     * the end, and the packet of one that fails was sent at least {@link Host#PATIENCE} before that is known.
     */
    private void closesInTime(Granted granted) {
        int connects = 0;
        while (true) {
            long start = System.nanoTime();
            Verdict verdict = client.probe(Protocol.TCP, server4, SSH);
            if (verdict == DROPPED) {
                // One lost SYN of many quick connects, as to a full backlog, is no closed door: that stays closed.
                if (client.probe(Protocol.TCP, server4, SSH) == OPEN) {
                    continue;
                }
                Duration sent = since(granted.knocked).minus(Host.PATIENCE);
                assertThat(sent).as("not closed before its time").isGreaterThanOrEqualTo(EARLIEST);
                break;
            }
            assertThat(verdict).isEqualTo(OPEN);
            assertThat(Duration.ofNanos(start - granted.ok))
                    .as("not open after its time")
                    .isLessThanOrEqualTo(LIFETIME.plus(RESOLUTION));
            connects++;
        }
        assertThat(connects).as("it was open meanwhile").isGreaterThan(10);
        assertThat(since(granted.ok)).isLessThan(PATIENCE);
    }

    private static Duration since(long instant) {
        return Duration.ofNanos(System.nanoTime() - instant);
    }
}
