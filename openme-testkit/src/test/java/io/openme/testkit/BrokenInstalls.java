package io.openme.testkit;

import io.openme.spi.Change;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Faults against chapter 2. */
final class BrokenInstalls {
    static final List<Broken> ALL = List.of(
            Broken.firewall("§2.1", "admits a source to its last service only", LastServiceOnly::new),
            Broken.firewall("§2.2", "adds by an install to what is open", Adding::new, "§7.4"),
            Broken.firewall("§2.3", "leaves the guards of services that are no more", KeepingOldServices::new),
            Broken.firewall("§2.4", "guards twice what is guarded already", GuardingTwice::new),
            Broken.firewall("§2.5", "takes everything away when the host refuses an install", TidyingUp::new),
            Broken.firewall("§2.6", "previews what is not what it does", Prettifying::new),
            Broken.firewall("§2.7", "hides the sources from whom it shows a preview", Hiding::new, "§1.9", "§2.6"),
            Broken.firewall(
                    "§2.8", "leaves by an install each opening the lifetime that it has", KeepingLifetimes::new));

    private BrokenInstalls() {}

    private static final class LastServiceOnly extends ModelFirewall {
        LastServiceOnly(FirewallContext context) {
            super(context);
        }

        @Override
        public void install(List<Change.Open> openings) {
            Map<InetAddress, Change.Open> last = new LinkedHashMap<>();
            openings.forEach(open -> last.put(open.opening().source(), open));
            super.install(List.copyOf(last.values()));
        }
    }

    private static final class Adding extends ModelFirewall {
        Adding(FirewallContext context) {
            super(context);
        }

        @Override
        public void install(List<Change.Open> openings) {
            Map<Opening, Change.Open> all = new LinkedHashMap<>();
            if (isInstalled()) {
                openings().forEach(opening -> all.put(opening, new Change.Open(opening, ContractFixture.LONG)));
            }
            openings.forEach(open -> all.put(open.opening(), open));
            super.install(List.copyOf(all.values()));
        }
    }

    private static final class KeepingOldServices extends ModelFirewall {
        KeepingOldServices(FirewallContext context) {
            super(context);
        }

        @Override
        String script(List<Change.Open> openings) {
            StringBuilder closing = new StringBuilder();
            openings().forEach(opening -> closing.append(close(opening)));
            return closing + guard() + script(openings.stream());
        }
    }

    private static final class GuardingTwice extends ModelFirewall {
        GuardingTwice(FirewallContext context) {
            super(context);
        }

        @Override
        public void install(List<Change.Open> openings) {
            boolean same = openings.stream()
                    .map(Change::opening)
                    .collect(Collectors.toSet())
                    .equals(openings());
            super.install(openings);
            if (same && openings.size() == 2) {
                run("guard " + owner() + " again 1 [2022/tcp]");
            }
        }
    }

    private static final class TidyingUp extends ModelFirewall {
        TidyingUp(FirewallContext context) {
            super(context);
        }

        @Override
        public void install(List<Change.Open> openings) {
            try {
                super.install(openings);
            } catch (FirewallException e) {
                if (e.reason() == Reason.REJECTED) {
                    run(remove());
                }
                throw e;
            }
        }
    }

    private static final class Prettifying extends ModelFirewall {
        Prettifying(FirewallContext context) {
            super(context);
        }

        @Override
        public String preview(List<Change.Open> openings) {
            return super.preview(openings).replace("open ", "admit ");
        }
    }

    private static final class Hiding extends ModelFirewall {
        Hiding(FirewallContext context) {
            super(context);
        }

        @Override
        public String preview(List<Change.Open> openings) {
            return super.preview(openings).replace("203.0.113.", "");
        }
    }

    private static final class KeepingLifetimes extends ModelFirewall {
        private final Map<Opening, Change.Open> first = new HashMap<>();

        KeepingLifetimes(FirewallContext context) {
            super(context);
        }

        @Override
        public void install(List<Change.Open> openings) {
            super.install(openings.stream()
                    .map(open -> first.computeIfAbsent(open.opening(), opening -> open))
                    .toList());
        }
    }
}
