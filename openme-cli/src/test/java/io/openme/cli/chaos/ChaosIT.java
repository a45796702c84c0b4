package io.openme.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Protocol;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The worst of days, in random order: a doorman and a plain model of it go through the same knocks, kills, flushes, faults
 * and full disks, and what the kernel admits is held against the model after each batch. The seed is printed;
 * {@code -Dopenme.chaos.seed} begins with the same choices again, at other moments, and
 * {@code -Dopenme.chaos.steps} says how many steps.
 *
 * <p>The clock of the host is set only while the doorman is dead: a living one does not look at it for its grants.
 */
@Tag("chaos")
@ExtendWith(TestNetworkExtension.class)
class ChaosIT {
    private static final int STEPS = Integer.getInteger("openme.chaos.steps", 1200);

    private final TestNetwork network;

    ChaosIT(TestNetwork network) {
        this.network = network;
    }

    @BeforeAll
    static void listen(TestNetwork network) {
        network.server().echo(Protocol.TCP, 2022);
    }

    @Test
    void admitsTheLiveGrantsAndNobodyElseWithAMemory(@TempDir Path directory) throws Exception {
        survive(directory, true, STEPS * 3 / 4);
    }

    @Test
    void admitsTheLiveGrantsAndNobodyElseWithoutAMemory(@TempDir Path directory) throws Exception {
        survive(directory, false, STEPS / 4);
    }

    private void survive(Path directory, boolean memory, int steps) throws Exception {
        long seed = Long.getLong("openme.chaos.seed", new Random().nextLong());
        System.out.printf("Chaos %s a memory, -Dopenme.chaos.seed=%d%n", memory ? "with" : "without", seed);
        Chaos chaos = new Chaos(network, directory, memory, new Random(seed));
        long start = System.nanoTime();
        try {
            chaos.run(steps);
        } finally {
            chaos.end();
            System.out.printf("%s%n  in %d s%n", chaos, (System.nanoTime() - start) / 1_000_000_000L);
        }
        assertThat(chaos.violations()).as("violations with seed %d", seed).isEmpty();
    }
}
