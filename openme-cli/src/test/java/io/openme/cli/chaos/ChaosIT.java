package io.openme.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Protocol;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The worst of days, in random order: a doorman and a plain model of it go through the same knocks, kills, flushes, faults
 * and full disks, and what the kernel admits is held against the model after each batch. The seed is printed;
 * {@code -Dopenme.chaos.seed} begins with the same choices again, at other moments.
 *
 * <p>A build has a short day. The long one has the tag {@code chaos} and {@code -Dopenme.chaos.steps}, 10,000 by default.
 *
 * <p>The clock of the host is set only while the doorman is dead: a living one does not look at it for its grants.
 */
@ExtendWith(TestNetworkExtension.class)
class ChaosIT {
    private static final int STEPS = Integer.getInteger("openme.chaos.steps", 10_000);
    private static final Duration SHORT = Duration.ofSeconds(10);
    private static final Patience OF_A_BUILD = new Patience(4);

    private final TestNetwork network;

    ChaosIT(TestNetwork network) {
        this.network = network;
    }

    @BeforeAll
    static void listen(TestNetwork network) {
        network.server().echo(Protocol.TCP, 2022);
    }

    @Test
    void aShortDayWithAMemory(@TempDir Path directory) throws Exception {
        survive(directory, true, OF_A_BUILD, STEPS, SHORT);
    }

    @Test
    void aShortDayWithoutAMemory(@TempDir Path directory) throws Exception {
        survive(directory, false, OF_A_BUILD, STEPS, SHORT.dividedBy(2));
    }

    @Test
    @Tag("chaos")
    void aLongDayWithAMemory(@TempDir Path directory) throws Exception {
        survive(directory, true, new Patience(1), STEPS * 3 / 4, Duration.ofHours(10));
    }

    @Test
    @Tag("chaos")
    void aLongDayWithoutAMemory(@TempDir Path directory) throws Exception {
        survive(directory, false, new Patience(1), STEPS / 4, Duration.ofHours(10));
    }

    private void survive(Path directory, boolean memory, Patience patience, int steps, Duration time) throws Exception {
        long seed = Long.getLong("openme.chaos.seed", new Random().nextLong());
        Kernel kernel = new NftablesKernel(network.server());
        System.out.printf(
                "Chaos on %s %s a memory, -Dopenme.chaos.seed=%d%n",
                kernel.backend(), memory ? "with" : "without", seed);
        Chaos chaos = new Chaos(network, kernel, directory, memory, new Random(seed), patience);
        long start = System.nanoTime();
        try {
            chaos.run(steps, time);
        } finally {
            chaos.end();
            System.out.printf("%s%n  in %d s%n", chaos, (System.nanoTime() - start) / 1_000_000_000L);
        }
        assertThat(chaos.violations()).as("violations with seed %d", seed).isEmpty();
    }
}
