package io.openme.cli;

import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openme.spi.Protocol;
import io.openme.testkit.Connection;
import io.openme.testkit.TestNetwork;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A grant of three seconds. */
class ExpiryIT extends EndToEnd {
    private static final Duration LIFETIME = Duration.ofSeconds(3);
    private static final Duration EARLIEST = Duration.ofMillis(2500);
    /** The kernel counts in ticks, of 10 ms at the coarsest. */
    private static final Duration RESOLUTION = Duration.ofMillis(10);

    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration PATIENCE = LIFETIME.plusSeconds(10);

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
        long ok = open();
        Connection session = client.connect(server4, SSH);

        closesInTime(ok);

        assertThat(session.talk()).isEqualTo(OPEN);
        assertThat(admitted()).isEmpty();
    }

    @Test
    void endsInTheKernelWithTheDoormanKilledRightAfterTheOk() throws IOException {
        long ok = open();
        doorman.kill();

        closesInTime(ok);

        assertThat(admitted()).isEmpty();
    }

    /** The instant of the OK, by {@link System#nanoTime}: as soon as the program says it, which is before it has ended. */
    private long open() throws IOException {
        List<String> command = new ArrayList<>(program());
        command.addAll(knocking("alice", server4, "open"));
        Process open = client.start(command.toArray(String[]::new));
        BufferedReader output =
                new BufferedReader(new InputStreamReader(open.getInputStream(), StandardCharsets.UTF_8));
        String line = output.readLine();
        long now = System.nanoTime();
        assertThat(line).startsWith("OK");
        return now;
    }

    /**
     * Connects until that fails. The later bound needs no allowance for a slow machine: a connect that succeeds began
     * before the end, and the grant began before its OK. The earlier one has half a second for the way of the OK.
     */
    private void closesInTime(long ok) {
        List<Duration> connects = new ArrayList<>();
        // With pauses: thousands a second overflow the echo's queue, and a SYN that this drops looks like the guard's.
        await().atMost(PATIENCE).pollDelay(Duration.ZERO).pollInterval(POLL).until(() -> {
            connects.add(since(ok));
            return client.probe(Protocol.TCP, server4, SSH) == DROPPED;
        });
        Duration dropped = connects.remove(connects.size() - 1);
        assertThat(dropped).as("not closed before its time").isGreaterThanOrEqualTo(EARLIEST);
        assertThat(connects).as("connects while it was open").hasSizeGreaterThan(10);
        assertThat(connects.get(connects.size() - 1))
                .as("not open after its time")
                .isLessThanOrEqualTo(LIFETIME.plus(RESOLUTION));
    }

    private static Duration since(long instant) {
        return Duration.ofNanos(System.nanoTime() - instant);
    }
}
