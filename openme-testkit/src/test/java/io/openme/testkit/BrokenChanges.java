package io.openme.testkit;

import io.openme.spi.Change;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import io.openme.spi.Service;
import java.net.Inet6Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Faults against chapter 3. */
final class BrokenChanges {
    static final List<Broken> ALL = List.of(
            Broken.firewall("§3.1", "forgets to close IPv6", ClosingIpv4Only::new, "§4.2"),
            Broken.firewall("§3.2", "applies all opens, then all closes", Sorting::new),
            Broken.firewall("§3.3", "closes what is not open, and fails", ClosingStrictly::new, "§3.2", "§6.1"),
            Broken.firewall("§3.4", "takes an empty batch for an error", RefusingNothing::new),
            Broken.firewall("§3.5", "ends an opening long before its time", EndingEarly::new),
            Broken.firewall(
                    "§3.5",
                    "promises kernel expiry, and does not do it",
                    Endless::new,
                    "§2.8",
                    "§3.6",
                    "§3.8",
                    "§3.9",
                    "§7.5"),
            Broken.firewall("§3.6", "does not prolong", Shortening::new, "§3.7"),
            Broken.firewall("§3.7", "ignores a renewal with the same lifetime", IgnoringTheSame::new),
            Broken.firewall("§3.8", "does not shorten", Prolonging::new),
            Broken.firewall("§3.9", "counts in milliseconds, and takes 0 for endless", Milliseconds::new),
            Broken.firewall("§3.9", "can't count for long", Overflowing::new),
            Broken.firewall("§3.10", "applies a batch one by one", OneByOne::new),
            Broken.firewall("§3.11", "ignores what is not guarded", IgnoringStrays::new));

    private BrokenChanges() {}

    private static final class ClosingIpv4Only extends ModelFirewall {
        ClosingIpv4Only(FirewallContext context) {
            super(context);
        }

        @Override
        String text(Change change) {
            boolean forgotten =
                    change instanceof Change.Close && change.opening().source() instanceof Inet6Address;
            return forgotten ? "" : super.text(change);
        }
    }

    private static final class Sorting extends ModelFirewall {
        Sorting(FirewallContext context) {
            super(context);
        }

        @Override
        public void apply(List<? extends Change> changes) {
            List<Change> sorted = new ArrayList<>(changes);
            sorted.sort((one, other) -> Boolean.compare(one instanceof Change.Close, other instanceof Change.Close));
            super.apply(sorted);
        }
    }

    private static final class ClosingStrictly extends ModelFirewall {
        ClosingStrictly(FirewallContext context) {
            super(context);
        }

        @Override
        public void apply(List<? extends Change> changes) {
            Set<Opening> there = new HashSet<>(openings());
            for (Change change : changes) {
                if (change instanceof Change.Open) {
                    there.add(change.opening());
                } else if (!there.remove(change.opening())) {
                    throw new FirewallException(Reason.REJECTED, change.opening() + " is not open");
                }
            }
            super.apply(changes);
        }
    }

    private static final class RefusingNothing extends ModelFirewall {
        RefusingNothing(FirewallContext context) {
            super(context);
        }

        @Override
        public void apply(List<? extends Change> changes) {
            if (changes.isEmpty()) {
                throw new IllegalArgumentException("nothing to do");
            }
            super.apply(changes);
        }
    }

    private static final class EndingEarly extends ModelFirewall {
        EndingEarly(FirewallContext context) {
            super(context);
        }

        @Override
        long nanos(Duration lifetime) {
            return super.nanos(lifetime) / 2;
        }
    }

    private static final class Endless extends ModelFirewall {
        Endless(FirewallContext context) {
            super(context);
        }

        @Override
        long nanos(Duration lifetime) {
            return Long.MAX_VALUE;
        }
    }

    /** Knows until when each opening is there, and decides by it what a renewal does. */
    private abstract static class Remembering extends ModelFirewall {
        private final Map<Opening, Long> until = new HashMap<>();

        Remembering(FirewallContext context) {
            super(context);
        }

        /** The end of an opening that would end at {@code is} and is told to end at {@code wanted}. */
        abstract long end(long is, long wanted);

        @Override
        public void apply(List<? extends Change> changes) {
            check(changes);
            StringBuilder script = new StringBuilder();
            for (Change change : changes) {
                if (change instanceof Change.Open open) {
                    long wanted = host.nanoTime() + Math.min(nanos(open.lifetime()), Long.MAX_VALUE / 2);
                    boolean there = openings().contains(open.opening());
                    long end = there ? end(until.getOrDefault(open.opening(), wanted), wanted) : wanted;
                    until.put(open.opening(), end);
                    script.append(open(open.opening(), end - host.nanoTime()));
                } else {
                    script.append(text(change));
                }
            }
            run(script.toString());
        }
    }

    private static final class Shortening extends Remembering {
        Shortening(FirewallContext context) {
            super(context);
        }

        @Override
        long end(long is, long wanted) {
            return Math.min(is, wanted);
        }
    }

    private static final class Prolonging extends Remembering {
        Prolonging(FirewallContext context) {
            super(context);
        }

        @Override
        long end(long is, long wanted) {
            return Math.max(is, wanted);
        }
    }

    private static final class IgnoringTheSame extends Remembering {
        private static final long SHORT = ContractFixture.SHORT.toNanos();

        IgnoringTheSame(FirewallContext context) {
            super(context);
        }

        @Override
        long end(long is, long wanted) {
            return is - wanted <= 0 && wanted - is < SHORT ? is : wanted;
        }
    }

    private static final class Milliseconds extends ModelFirewall {
        Milliseconds(FirewallContext context) {
            super(context);
        }

        @Override
        long nanos(Duration lifetime) {
            long millis = super.nanos(lifetime) / 1_000_000;
            return millis == 0 ? Long.MAX_VALUE : millis * 1_000_000;
        }
    }

    private static final class Overflowing extends ModelFirewall {
        Overflowing(FirewallContext context) {
            super(context);
        }

        @Override
        long nanos(Duration lifetime) {
            return lifetime.toNanos();
        }
    }

    private static final class OneByOne extends ModelFirewall {
        OneByOne(FirewallContext context) {
            super(context);
        }

        @Override
        public void apply(List<? extends Change> changes) {
            check(changes);
            changes.forEach(change -> run(text(change)));
        }
    }

    private static final class IgnoringStrays extends ModelFirewall {
        IgnoringStrays(FirewallContext context) {
            super(context);
        }

        @Override
        void check(List<? extends Change> changes) {
            // It would be the caller's fault.
        }

        @Override
        String text(Change change) {
            boolean stray = context.services().stream()
                    .map(Service::name)
                    .noneMatch(change.opening().service()::equals);
            return stray ? "" : super.text(change);
        }
    }
}
