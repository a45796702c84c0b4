package io.openme.benchmarks;

import io.openme.doorman.AccessPolicy;
import io.openme.doorman.Doorman;
import io.openme.doorman.DoormanListener;
import io.openme.spi.Capability;
import io.openme.spi.Firewall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How long after their common end many openings are gone, with traffic from all of their addresses. */
final class ExpireTogether {
    private static final long PATIENCE_SECONDS = 120;

    private final Backend backend;
    private final Plan plan;
    private final Traffic traffic;
    private final List<String> lines = new ArrayList<>();

    private ExpireTogether(Backend backend, Plan plan, Traffic traffic) {
        this.backend = backend;
        this.plan = plan;
        this.traffic = traffic;
    }

    static List<String> measure(Backend backend, Plan plan, List<String> clientPrefix, String serverAddress)
            throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add(String.format(
                Locale.ROOT, "%,d that end together: when they are gone, counted from that end", plan.together()));
        boolean kernel = false;
        try (Firewall firewall = backend.firewall()) {
            kernel = firewall.capabilities().contains(Capability.KERNEL_EXPIRY);
        }
        if (kernel) {
            try (Traffic traffic = new Traffic(clientPrefix, serverAddress, plan.together())) {
                lines.addAll(new ExpireTogether(backend, plan, traffic).byTheKernel());
            }
        }
        try (Traffic traffic = new Traffic(clientPrefix, serverAddress, plan.together())) {
            lines.addAll(new ExpireTogether(backend, plan, traffic).byTheDoorman());
        }
        return lines;
    }

    /** As if the doorman had been killed when they were open. */
    private List<String> byTheKernel() throws IOException, InterruptedException {
        try (Firewall firewall = backend.firewall()) {
            firewall.install(List.of());
            long begin = System.nanoTime();
            firewall.apply(Backend.openings(plan.together(), plan.lifetime()));
            long end = begin + plan.lifetime().toNanos();
            row("kernel alone: opened in one transaction, which took", System.nanoTime() - begin);
            observe("kernel alone", firewall, end);
        }
        return lines;
    }

    private List<String> byTheDoorman() throws IOException, InterruptedException {
        Path state = Files.createTempDirectory("openme-benchmark");
        AccessPolicy policy = AccessPolicy.everyService(plan.lifetime());
        StoppableClock clock = new StoppableClock();
        LastOf expired = new LastOf(plan.together());
        try (Doorman doorman = backend.doorman(state, clock, policy, expired);
                Firewall reader = backend.firewall()) {
            Knocks knocks = new Knocks(doorman);
            clock.stop();
            long begin = System.nanoTime();
            long end = begin + plan.lifetime().toNanos();
            knocks.open(0, plan.together(), 512);
            clock.go();
            // Any transaction has the doorman look at its clock again.
            knocks.nothing();
            row("doorman: opened knock by knock, which took", System.nanoTime() - begin);
            observe("doorman", reader, end);
            row("doorman: closed the last, and told its listeners", expired.await() - end);
        }
        Scratch.delete(state);
        return lines;
    }

    private void observe(String who, Firewall firewall, long end) throws IOException, InterruptedException {
        TimeUnit.NANOSECONDS.sleep(end - System.nanoTime());
        lines.add(String.format(
                Locale.ROOT, "  %s: packets of %,d of the sources were let in before it", who, traffic.sourcesSeen()));
        while (!firewall.openings().isEmpty()) {
            if (System.nanoTime() - end > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
                throw new IllegalStateException(who + ": there are still openings on the host");
            }
        }
        long listed = System.nanoTime();
        traffic.awaitRoundAfter(listed);
        if (traffic.lastSent() - listed > 0) {
            throw new IllegalStateException(who + ": a packet was let in after nothing was listed any more");
        }
        row(who + ": last packet of any source that was let in, sent", traffic.lastSent() - end);
        row(who + ": listed as gone, the listing's own time included", listed - end);
    }

    private void row(String what, long nanos) {
        lines.add(String.format(Locale.ROOT, "  %-64s %12s", what, Samples.text(nanos / 1e6)));
    }

    /** When the last of so many grants was heard to have expired. */
    private static final class LastOf implements DoormanListener {
        private final CountDownLatch left;
        private volatile long last;

        LastOf(int count) {
            left = new CountDownLatch(count);
        }

        @Override
        public void expired(Expired event) {
            last = System.nanoTime();
            left.countDown();
        }

        long await() throws InterruptedException {
            if (!left.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(left.getCount() + " grants have not expired");
            }
            return last;
        }
    }
}
