package io.openme.testkit;

import io.openme.spi.Change;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.Opening;
import java.net.Inet4Address;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Faults against chapters 5 and 6. */
final class BrokenGuards {
    static final List<Broken> ALL = List.of(
            Broken.firewall("§5.1", "forgets IPv6 when it closes every opening", ClosingHalf::new, "§7.9"),
            Broken.firewall("§5.2", "notes in the guard that it was closed", Noting::new, "§5.3"),
            Broken.firewall("§5.3", "closes the openings and does not look at the guard", NotLooking::new),
            Broken.firewall("§5.4", "leaves an empty guard when it removes everything", LeavingSome::new),
            Broken.firewall("§5.5", "closes everything again when closed again", ClosingAgain::new),
            Broken.firewall("§5.6", "closes what another doorman of its owner has opened", Rash::new),
            Broken.firewall("§5.7", "uninstalls its own services only", UninstallingItsOwn::new),
            Broken.firewall("§5.8", "can't uninstall what is damaged", Delicate::new),
            Broken.firewall("§5.9", "can't be installed again", Used::new, "§5.8"),
            Broken.firewall("§5.10", "puts the guard back after the uninstall", Stubborn::new),
            Broken.firewall("§6.1", "takes for its own what begins with the name of its owner", TellingAll::new),
            Broken.firewall("§6.2", "uninstalls what begins with the name of its owner", UninstallingAll::new));

    private BrokenGuards() {}

    private static final class ClosingHalf extends ModelFirewall {
        ClosingHalf(FirewallContext context) {
            super(context);
        }

        @Override
        void leave() {
            Set<Opening> left = new HashSet<>(openings());
            left.removeIf(opening -> opening.source() instanceof Inet4Address);
            run(script(left.stream()
                    .map(opening -> new Change.Open(opening, ContractFixture.LONG))
                    .toList()));
        }
    }

    private static final class Noting extends ModelFirewall {
        Noting(FirewallContext context) {
            super(context);
        }

        @Override
        void leave() {
            super.leave();
            run("guard " + owner() + " closed 1 []");
        }
    }

    private static final class NotLooking extends ModelFirewall {
        NotLooking(FirewallContext context) {
            super(context);
        }

        @Override
        void leave() {
            run(script(openings().stream().map(Change.Close::new)));
        }
    }

    private static final class LeavingSome extends ModelFirewall {
        LeavingSome(FirewallContext context) {
            super(context);
        }

        @Override
        public void close() {
            boolean first = isInstalled();
            super.close();
            if (first && context.onClose() == OnClose.REMOVE) {
                run("guard " + owner() + " empty 1 []");
            }
        }
    }

    private static final class ClosingAgain extends ModelFirewall {
        ClosingAgain(FirewallContext context) {
            super(context);
        }

        @Override
        public void close() {
            super.close();
            closed = false;
        }
    }

    private static final class Rash extends ModelFirewall {
        Rash(FirewallContext context) {
            super(context);
            touched = true;
        }
    }

    private static final class UninstallingItsOwn extends ModelFirewall {
        UninstallingItsOwn(FirewallContext context) {
            super(context);
        }

        @Override
        public void uninstall() {
            Set<String> others = new HashSet<>();
            guards().lines()
                    .filter(line -> context.serviceNames().stream()
                            .noneMatch(name -> line.startsWith(owner() + " " + name + "=")))
                    .forEach(others::add);
            super.uninstall();
            others.forEach(line -> host.run("guard " + line.replace('=', ' ')));
        }
    }

    private static final class Delicate extends ModelFirewall {
        Delicate(FirewallContext context) {
            super(context);
        }

        @Override
        public void uninstall() {
            if (!isInstalled() || intact()) {
                super.uninstall();
            }
        }
    }

    private static final class Used extends ModelFirewall {
        private boolean used;

        Used(FirewallContext context) {
            super(context);
        }

        @Override
        public void uninstall() {
            super.uninstall();
            used = true;
        }

        @Override
        public void install(List<Change.Open> openings) {
            if (used) {
                throw new IllegalStateException("this was uninstalled");
            }
            super.install(openings);
        }
    }

    private static final class Stubborn extends ModelFirewall {
        Stubborn(FirewallContext context) {
            super(context);
        }

        @Override
        public void uninstall() {
            super.uninstall();
            touched = true;
        }
    }

    private static final class TellingAll extends ModelFirewall {
        TellingAll(FirewallContext context) {
            super(context);
        }

        @Override
        public Set<Opening> openings() {
            return host.owners().stream()
                    .filter(owner -> owner.startsWith(owner()))
                    .flatMap(owner -> host.openings(owner).stream())
                    .collect(Collectors.toSet());
        }
    }

    private static final class UninstallingAll extends ModelFirewall {
        UninstallingAll(FirewallContext context) {
            super(context);
        }

        @Override
        public void uninstall() {
            super.uninstall();
            host.owners().stream()
                    .filter(owner -> owner.startsWith(owner()))
                    .forEach(owner -> host.run("remove " + owner));
        }
    }
}
