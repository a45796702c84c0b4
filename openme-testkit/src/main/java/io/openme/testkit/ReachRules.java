package io.openme.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.Opening;
import io.openme.spi.Service;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Chapter 7: whom the firewall lets through (ENFORCING). */
abstract class ReachRules extends GuardRules {
    private static final Duration DISTURBANCE = Duration.ofMillis(500);

    /** How many changes a source has to live through, and how often it asks meanwhile, at least. */
    private static final int CHANGES = 20;

    private static final int QUESTIONS = 10;
    private static final Duration ANSWERED = Duration.ofSeconds(60);
    private static final int WEB_PORT = 2080;

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
        lets(enforcing());
    }

    @Test
    @DisplayName("§7.3 lets the source of an opening through to its service, and nobody else (ENFORCING)")
    void letsTheSourceThroughAndNobodyElse() {
        Firewall firewall = enforcing();

        firewall.apply(List.of(open(0, SSH), open(2, web())));

        lets(firewall, opening(0, SSH), opening(2, web()));
    }

    @Test
    @DisplayName("§7.4 lets nobody through once the opening is closed (ENFORCING)")
    void letsNobodyThroughOnceClosed() {
        Firewall firewall = enforcing();
        firewall.apply(List.of(open(0, SSH), open(2, SSH)));

        firewall.apply(List.of(close(0, SSH)));
        lets(firewall, opening(2, SSH));

        firewall.install(List.of(open(0, SSH)));
        lets(firewall, opening(0, SSH));
    }

    @Test
    @DisplayName("§7.5 lets the source through until the lifetime is over, and nobody from then on (KERNEL_EXPIRY)")
    void letsNobodyThroughOnceOver() {
        Firewall firewall = enforcing();
        needs(firewall, Capability.KERNEL_EXPIRY);
        long called = now();
        firewall.apply(List.of(open(0, SSH, SHORT), open(2, SSH, SHORT)));

        Set<Opening> reached = seen().reached(firewall, List.of(SSH));
        // On a busy machine the answer may come too late to tell anything.
        if (since(called).compareTo(SHORT.minusMillis(100)) < 0) {
            assertThat(reached).containsExactlyInAnyOrder(opening(0, SSH), opening(2, SSH));
        }
        within(
                SHORT.plus(SLACK),
                "nobody gets through",
                () -> seen().reached(firewall, List.of(SSH)).isEmpty());
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
        List<Change.Open> openings = List.of(open(0, SSH), open(2, web()));
        firewall.install(openings);

        leavesNoGap(firewall, () -> firewall.install(openings));
    }

    @Test
    @DisplayName("§7.8 lets nobody through meanwhile who has no opening (ENFORCING)")
    void letsNoStrangerThroughMeanwhile() {
        Firewall firewall = enforcing();
        List<Change.Open> openings = List.of(open(0, SSH), open(2, web()));
        Runnable change = () -> firewall.install(openings);

        if (packets().isPresent()) {
            PacketPath.Passed passed = packets().get().spraying(source(1), WEB_PORT, () -> forAWhile(change));
            assertThat(passed.sent()).isPositive();
            assertThat(passed.arrived()).as("of " + passed).isZero();
        } else {
            assertThat(asked(firewall, source(1), web(), change).admitted()).isZero();
        }
    }

    @Test
    @DisplayName("§7.9 lets nobody through after it has been closed (ENFORCING, KEEP_GUARD)")
    void letsNobodyThroughAfterItHasBeenClosed() {
        Firewall firewall = firewall(OnClose.KEEP_GUARD);
        needs(firewall, Capability.ENFORCING);
        firewall.install(List.of(open(0, SSH), open(2, web())));

        firewall.close();

        lets(firewall);
    }

    private void leavesNoGap(Firewall firewall, Runnable change) {
        if (packets().isPresent()) {
            int port = SSH.ports().get(0).first();
            PacketPath.Passed passed = packets().get().connecting(source(0), port, () -> forAWhile(change));
            assertThat(passed.sent()).isPositive();
            assertThat(passed.arrived()).as("of " + passed).isEqualTo(passed.sent());
        } else {
            assertThat(asked(firewall, source(0), SSH, change).refused()).isZero();
        }
    }

    private static void forAWhile(Runnable change) {
        long start = System.nanoTime();
        while (System.nanoTime() - start < DISTURBANCE.toNanos()) {
            change.run();
        }
    }

    /** How many got through and how many did not, while something was done again and again. */
    private record Asked(int admitted, int refused) {}

    private Asked asked(Firewall firewall, InetAddress source, Service service, Runnable change) {
        Reach reach = seen();
        AtomicInteger admitted = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        Semaphore questions = new Semaphore(0);
        AtomicBoolean enough = new AtomicBoolean();
        CompletableFuture<Void> asking = CompletableFuture.runAsync(() -> {
            while (!enough.get()) {
                (reach.reaches(firewall, source, service) ? admitted : refused).incrementAndGet();
                questions.release();
            }
        });
        try {
            for (int i = 0; i < CHANGES; i++) {
                change.run();
                assertThat(questions.tryAcquire(QUESTIONS, ANSWERED.toSeconds(), TimeUnit.SECONDS))
                        .as("the host answers")
                        .isTrue();
            }
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while the host was asked", e);
        } finally {
            enough.set(true);
        }
        asking.join();
        return new Asked(admitted.get(), refused.get());
    }

    private Firewall enforcing() {
        Firewall firewall = installed(SSH, web(), ADMIN);
        needs(firewall, Capability.ENFORCING);
        return firewall;
    }
}
