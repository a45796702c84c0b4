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
    private static final int BUSY = 4;
    private static final int PATIENCE = Integer.getInteger("openme.chaos.patience", 1);

    private final TestNetwork network;

    ChaosIT(TestNetwork network) {
        this.network = network;
    }

    @BeforeAll
    static void listen(TestNetwork network) {
        network.server().echo(Protocol.TCP, 2022);
    }

    @Test
    void aShortDayOfNftables(@TempDir Path directory) throws Exception {
        survive(directory, new NftablesKernel(network.server()), true, BUSY, STEPS, Duration.ofSeconds(10));
    }

    @Test
    void aShortDayOfNftablesWithoutAMemory(@TempDir Path directory) throws Exception {
        survive(directory, new NftablesKernel(network.server()), false, BUSY, STEPS, Duration.ofSeconds(4));
    }

    @Test
    void aShortDayOfIptables(@TempDir Path directory) throws Exception {
        survive(directory, new IptablesKernel(network.server()), true, BUSY, STEPS, Duration.ofSeconds(8));
    }

    @Test
    @Tag("chaos")
    void aLongDayOfNftables(@TempDir Path directory) throws Exception {
        survive(directory, new NftablesKernel(network.server()), true, PATIENCE, STEPS * 3 / 4, Duration.ofHours(10));
    }

    @Test
    @Tag("chaos")
    void aLongDayOfNftablesWithoutAMemory(@TempDir Path directory) throws Exception {
        survive(directory, new NftablesKernel(network.server()), false, PATIENCE, STEPS / 4, Duration.ofHours(10));
    }

    @Test
    @Tag("chaos")
    void aLongDayOfIptables(@TempDir Path directory) throws Exception {
        survive(directory, new IptablesKernel(network.server()), true, PATIENCE, STEPS * 3 / 4, Duration.ofHours(10));
    }

    @Test
    @Tag("chaos")
    void aLongDayOfIptablesWithoutAMemory(@TempDir Path directory) throws Exception {
        survive(directory, new IptablesKernel(network.server()), false, PATIENCE, STEPS / 4, Duration.ofHours(10));
    }

    private void survive(Path directory, Kernel kernel, boolean memory, int patience, int steps, Duration time)
            throws Exception {
        long seed = Long.getLong("openme.chaos.seed", new Random().nextLong());
        System.out.printf(
                "Chaos on %s %s a memory, -Dopenme.chaos.seed=%d%n",
                kernel.backend(), memory ? "with" : "without", seed);
        Chaos chaos =
                new Chaos(network, kernel, directory, memory, new Random(seed), new Patience(patience, kernel.unit()));
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
