package io.openme.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.Service;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Chapter 7: whom the firewall lets through (ENFORCING). */
abstract class ReachRules extends GuardRules {
    private static final Duration DISTURBANCE = Duration.ofMillis(500);

    /** Of the timers of a host; a kernel counts in ticks of up to 10 ms. */
    private static final Duration RESOLUTION = Duration.ofMillis(20);

    @Test
    @DisplayName("§7.1 declares ENFORCING only where the contract can see whom it lets through")
    void enforcesWhereItIsSeen() {
        if (firewall().capabilities().contains(Capability.ENFORCING)) {
            assertThat(reach()).as("a Reach or a network of the host").isPresent();
        }
    }

    @Test
    @DisplayName("§7.2 lets nobody through without an opening (ENFORCING)")
    void letsNobodyThroughWithoutAnOpening() {
        Firewall firewall = enforcing();

        for (int source = 0; source < 4; source++) {
            assertThat(reaches(firewall, source, SSH))
                    .as("ssh from " + source(source))
                    .isFalse();
            assertThat(reaches(firewall, source, WEB))
                    .as("web from " + source(source))
                    .isFalse();
        }
    }

    @Test
    @DisplayName("§7.3 lets the source of an opening through to its service, and nobody else (ENFORCING)")
    void letsTheSourceThroughAndNobodyElse() {
        Firewall firewall = enforcing();

        firewall.apply(List.of(open(0, SSH), open(2, WEB)));

        for (int source = 0; source < 4; source++) {
            assertThat(reaches(firewall, source, SSH))
                    .as("ssh from " + source(source))
                    .isEqualTo(source == 0);
            assertThat(reaches(firewall, source, WEB))
                    .as("web from " + source(source))
                    .isEqualTo(source == 2);
        }
    }

    @Test
    @DisplayName("§7.4 lets nobody through once the opening is closed (ENFORCING)")
    void letsNobodyThroughOnceClosed() {
        Firewall firewall = enforcing();
        firewall.apply(List.of(open(0, SSH), open(2, SSH)));

        firewall.apply(List.of(close(0, SSH)));
        assertThat(reaches(firewall, 0, SSH)).isFalse();
        assertThat(reaches(firewall, 2, SSH)).isTrue();

        firewall.install(List.of(open(0, SSH)));
        assertThat(reaches(firewall, 0, SSH)).isTrue();
        assertThat(reaches(firewall, 2, SSH)).isFalse();
    }

    @Test
    @DisplayName("§7.5 lets nobody through once the lifetime is over, and the source until then (KERNEL_EXPIRY)")
    void letsNobodyThroughOnceOver() {
        Firewall firewall = enforcing();
        needs(firewall, Capability.KERNEL_EXPIRY);
        firewall.apply(List.of(open(0, SSH, SHORT), open(2, SSH, SHORT)));
        long committed = System.nanoTime();

        assertThat(reaches(firewall, 0, SSH)).isTrue();
        assertThat(reaches(firewall, 2, SSH)).isTrue();
        Duration latest = SHORT.plus(RESOLUTION);
        while (since(committed).compareTo(latest) < 0) {
            Duration age = since(committed);
            // One that began in time may have arrived in time.
            if (age.compareTo(SHORT.dividedBy(2)) > 0 && reaches(firewall, 0, SSH)) {
                assertThat(age).isLessThan(latest);
            }
        }
        assertThat(reaches(firewall, 0, SSH)).isFalse();
        assertThat(reaches(firewall, 2, SSH)).isFalse();
    }

    @Test
    @DisplayName("§7.6 lets the source of an opening through without a gap while it is renewed (ENFORCING)")
    void leavesNoGapByRenewal() {
        Firewall firewall = enforcing();
        firewall.apply(List.of(open(0, SSH)));

        leavesNoGap(firewall, () -> firewall.apply(List.of(open(0, SSH, LONG))));
    }

    @Test
    @DisplayName("§7.7 lets the source of an opening through without a gap while it is installed anew (ENFORCING)")
    void leavesNoGapByAnInstall() {
        Firewall firewall = enforcing();
        List<Change.Open> openings = List.of(open(0, SSH), open(2, WEB));
        firewall.install(openings);

        leavesNoGap(firewall, () -> firewall.install(openings));
    }

    @Test
    @DisplayName("§7.8 lets nobody through meanwhile who has no opening (ENFORCING)")
    void letsNoStrangerThroughMeanwhile() {
        Firewall firewall = enforcing();
        List<Change.Open> openings = List.of(open(0, SSH), open(2, WEB));

        assertThat(tries(firewall, 1, SSH, () -> firewall.install(openings)).admitted())
                .isZero();
    }

    @Test
    @DisplayName("§7.9 lets nobody through after it has been closed (ENFORCING, KEEP_GUARD)")
    void letsNobodyThroughAfterItHasBeenClosed() {
        Firewall firewall = firewall(OnClose.KEEP_GUARD);
        needs(firewall, Capability.ENFORCING);
        firewall.install(List.of(open(0, SSH), open(2, WEB)));

        firewall.close();

        assertThat(reaches(firewall, 0, SSH)).isFalse();
        assertThat(reaches(firewall, 2, WEB)).isFalse();
        assertThat(reaches(firewall, 1, SSH)).isFalse();
    }

    private void leavesNoGap(Firewall firewall, Runnable change) {
        Tries tries = tries(firewall, 0, SSH, change);
        assertThat(tries.refused()).as("of " + tries).isZero();
        assertThat(tries.admitted()).as("of " + tries).isPositive();
    }

    /** How many got through and how many did not, while something was done again and again. */
    private record Tries(long admitted, long refused) {}

    private Tries tries(Firewall firewall, int source, Service service, Runnable change) {
        if (packets().isPresent()) {
            PacketPath path = packets().get();
            Flood flood = path.client.flood(
                    source(source),
                    path.to(source(source)),
                    service.ports().get(0).first());
            repeat(change);
            Flood.Counts counts = flood.end();
            return new Tries(counts.attempts() - (long) counts.failures(), counts.failures());
        }
        AtomicBoolean ending = new AtomicBoolean();
        AtomicLong admitted = new AtomicLong();
        AtomicLong refused = new AtomicLong();
        Thread thread = new Thread(() -> {
            while (!ending.get()) {
                (reaches(firewall, source, service) ? admitted : refused).incrementAndGet();
            }
        });
        thread.start();
        repeat(change);
        ending.set(true);
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return new Tries(admitted.get(), refused.get());
    }

    private static void repeat(Runnable change) {
        long start = System.nanoTime();
        while (since(start).compareTo(DISTURBANCE) < 0) {
            change.run();
        }
    }

    private Firewall enforcing() {
        Firewall firewall = installed(SSH, WEB, ADMIN);
        needs(firewall, Capability.ENFORCING);
        return firewall;
    }
}
