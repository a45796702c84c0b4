package io.openme.testkit;

import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Faults against chapter 4. */
final class BrokenStates {
    static final List<Broken> ALL = List.of(
            Broken.firewall("§4.1", "promises less once it is closed", Promising::new),
            Broken.firewall("§4.2", "does not know link-local addresses", Forgetting::new),
            Broken.firewall("§4.3", "tells openings from memory, not from the host", FromMemory::new),
            Broken.firewall("§4.4", "takes its own changes for somebody's meddling", Suspicious::new),
            Broken.firewall("§4.5", "is always intact", AlwaysIntact::new),
            Broken.firewall("§4.6", "does not say that its state is lost", Vague::new),
            Broken.firewall("§4.7", "counts the openings to see whether it is intact", Counting::new));

    private BrokenStates() {}

    private static final class Promising extends ModelFirewall {
        private boolean over;

        Promising(FirewallContext context) {
            super(context);
        }

        @Override
        public Set<Capability> capabilities() {
            return over ? EnumSet.of(Capability.ENFORCING) : super.capabilities();
        }

        @Override
        public void close() {
            super.close();
            over = true;
        }
    }

    private static final class Forgetting extends ModelFirewall {
        Forgetting(FirewallContext context) {
            super(context);
        }

        @Override
        public Set<Opening> openings() {
            return super.openings().stream()
                    .filter(opening -> !opening.source().isLinkLocalAddress())
                    .collect(Collectors.toSet());
        }
    }

    private static final class FromMemory extends ModelFirewall {
        private final Map<Opening, Long> until = new HashMap<>();

        FromMemory(FirewallContext context) {
            super(context);
        }

        @Override
        public void install(List<Change.Open> openings) {
            super.install(openings);
            until.clear();
            openings.forEach(this::remember);
        }

        @Override
        public void apply(List<? extends Change> changes) {
            super.apply(changes);
            changes.forEach(this::remember);
        }

        private void remember(Change change) {
            if (change instanceof Change.Open open) {
                until.put(open.opening(), host.nanoTime() + Math.min(nanos(open.lifetime()), Long.MAX_VALUE / 2));
            } else {
                until.remove(change.opening());
            }
        }

        @Override
        public Set<Opening> openings() {
            until.values().removeIf(end -> end <= host.nanoTime());
            return Set.copyOf(until.keySet());
        }
    }

    private static final class Suspicious extends ModelFirewall {
        private boolean changed;

        Suspicious(FirewallContext context) {
            super(context);
        }

        @Override
        public void install(List<Change.Open> openings) {
            super.install(openings);
            changed = false;
        }

        @Override
        public void apply(List<? extends Change> changes) {
            super.apply(changes);
            changed = true;
        }

        @Override
        public boolean intact() {
            return !changed && super.intact();
        }
    }

    private static final class AlwaysIntact extends ModelFirewall {
        AlwaysIntact(FirewallContext context) {
            super(context);
        }

        @Override
        public boolean intact() {
            return true;
        }
    }

    private static final class Vague extends ModelFirewall {
        Vague(FirewallContext context) {
            super(context);
        }

        @Override
        public void apply(List<? extends Change> changes) {
            try {
                super.apply(changes);
            } catch (FirewallException e) {
                throw e.reason() == Reason.STATE_LOST ? new FirewallException(Reason.FAILED, "failed", e) : e;
            }
        }
    }

    private static final class Counting extends ModelFirewall {
        private static final Duration EACH = Duration.ofMillis(1);

        Counting(FirewallContext context) {
            super(context);
        }

        @Override
        public boolean intact() {
            host.pass(EACH.multipliedBy(openings().size()));
            return super.intact();
        }
    }
}
