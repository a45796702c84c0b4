package io.openme.cli;

import static io.openme.testkit.Verdict.DROPPED;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Protocol;
import io.openme.testkit.Finished;
import io.openme.testkit.TestNetwork;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * {@code openme open ... && connect}: since OK follows the commit, the first SYN gets through, and nobody waits the second
 * after which a kernel sends it again.
 */
class KnockAndConnectIT extends EndToEnd {
    private static final int ROUNDS = 20;

    /** What a person types in a shell; bash's own connect, so that no other program's start is measured. */
    private static final String TYPED = """
            began=$EPOCHREALTIME
            "$@" >/dev/null && granted=$EPOCHREALTIME && : </dev/tcp/192.0.2.1/2022 && connected=$EPOCHREALTIME
            echo "$began $granted $connected"
            """;

    KnockAndConnectIT(TestNetwork network) {
        super(network);
    }

    @BeforeAll
    void start() {
        serve(configuration());
    }

    @BeforeEach
    void countSyns() {
        count("tcp dport 2022 tcp flags & (syn | ack) == syn");
    }

    @Test
    void connectsAtTheFirstSynEachTime() {
        List<double[]> times = new ArrayList<>();
        for (int round = 1; round <= ROUNDS; round++) {
            times.add(typed());

            assertThat(counted("before")).as("SYNs after %s rounds", round).isEqualTo(round);
            assertThat(counted("behind")).as("of which got through").isEqualTo(round);
            assertThat(pythonAsAlice("MEOPEN").exitCode()).isZero();
            assertThat(admitted()).isEmpty();
        }
        print("openme open", times.stream().mapToDouble(each -> each[1] - each[0]));
        print("  then connect", times.stream().mapToDouble(each -> each[2] - each[1]));
    }

    @Test
    void connectsAtTheFirstSynEachTimeInAJvmThatIsUp() {
        int rounds = 2 * ROUNDS;
        Finished finished = client.run(
                java(),
                "-cp",
                jar() + ":" + Path.of("target", "test-classes"),
                KnockRounds.class.getName(),
                "" + rounds,
                pki("ca.crt"),
                pki("alice.crt"),
                pki("alice.key"),
                server4.getHostAddress(),
                "" + SSH);

        assertThat(finished.exitCode()).as(finished.output()).isZero();
        List<String[]> times =
                finished.output().lines().map(line -> line.split(" ", -1)).toList();
        assertThat(times).as(finished.output()).hasSize(rounds);
        assertThat(counted("before")).isEqualTo(rounds);
        assertThat(counted("behind")).isEqualTo(rounds);
        print("Knocker, the first", times.stream().limit(1).mapToDouble(each -> Double.parseDouble(each[0])));
        print("Knocker, the others", times.stream().skip(1).mapToDouble(each -> Double.parseDouble(each[0])));
        print("  then connect", times.stream().mapToDouble(each -> Double.parseDouble(each[1])));
    }

    @Test
    void getsNoSynThroughWithoutAKnock() {
        assertThat(client.probe(Protocol.TCP, server4, SSH)).isEqualTo(DROPPED);

        assertThat(counted("before")).isPositive();
        assertThat(counted("behind")).isZero();
    }

    /** The instants at which the command began, said OK, and the connection was there; in milliseconds. */
    private double[] typed() {
        List<String> command = new ArrayList<>(List.of("bash", "-c", TYPED, "bash"));
        command.addAll(program());
        command.addAll(knocking("alice", server4, "open"));
        Finished finished = client.run(command.toArray(String[]::new));
        String[] seconds = finished.output().strip().split(" ", -1);
        assertThat(seconds)
                .as(finished.output())
                .hasSize(3)
                .allSatisfy(each -> assertThat(each).matches("\\d+[.,]\\d+"));
        return Arrays.stream(seconds)
                .mapToDouble(each -> new BigDecimal(each.replace(',', '.')).doubleValue() * 1000)
                .toArray();
    }

    private static void print(String what, DoubleStream millis) {
        double[] sorted = millis.sorted().toArray();
        System.out.printf(
                Locale.ROOT,
                "%-22s n=%d min %.1f ms, median %.1f ms, max %.1f ms%n",
                what,
                sorted.length,
                sorted[0],
                sorted[sorted.length / 2],
                sorted[sorted.length - 1]);
    }
}
