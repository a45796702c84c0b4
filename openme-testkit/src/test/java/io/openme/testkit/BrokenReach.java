package io.openme.testkit;

import io.openme.spi.Change;
import io.openme.spi.FirewallContext;
import io.openme.spi.Opening;
import java.net.Inet6Address;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Faults against chapter 7, some of them of the host: what its filter lets through is not what the backend meant. */
final class BrokenReach {
    static final List<Broken> ALL = List.of(
            Broken.backend("§7.1", "enforces, and nobody can see it", new Invisible()),
            Broken.backend("§7.2", "does not guard IPv6", new Ipv4Only(), "§5.1", "§7.3", "§7.4", "§7.5", "§7.9"),
            Broken.backend("§7.3", "lets neighbours through", new Neighbours(), "§7.4", "§7.5"),
            Broken.backend(
                    "§7.4", "lets through whom it has let through before", new Lasting(), "§5.1", "§7.5", "§7.9"),
            Broken.backend("§7.5", "lets through whose time is over", new Timeless()),
            Broken.firewall("§7.6", "renews by closing and opening again", ClosingFirst::new),
            Broken.firewall("§7.7", "fills its sets only after they are installed", EmptyAtFirst::new),
            Broken.firewall("§7.8", "takes the old guard away before it puts the new one there", Bare::new),
            Broken.firewall("§7.9", "opens everything when it is closed", Leaving::new, "§5.1", "§5.2", "§5.3"));

    private BrokenReach() {}

    private static final class Invisible extends Model {
        @Override
        Optional<Reach> reach(ModelHost host) {
            return Optional.empty();
        }
    }

    private static final class Ipv4Only extends Model {
        @Override
        Optional<Reach> reach(ModelHost host) {
            return Optional.of(
                    (firewall, source, service) -> source instanceof Inet6Address || host.reaches(source, service));
        }
    }

    private static final class Neighbours extends Model {
        @Override
        Optional<Reach> reach(ModelHost host) {
            return Optional.of((firewall, source, service) -> ContractFixture.SOURCES.stream()
                    .filter(other -> other.getClass() == source.getClass())
                    .anyMatch(other -> host.reaches(other, service)));
        }
    }

    private static final class Lasting extends Model {
        @Override
        Optional<Reach> reach(ModelHost host) {
            return Optional.of((firewall, source, service) ->
                    host.history().contains(new Opening(source, service.name())) || host.reaches(source, service));
        }
    }

    private static final class Timeless extends Model {
        @Override
        Optional<Reach> reach(ModelHost host) {
            return Optional.of((firewall, source, service) ->
                    host.inFilter().contains(new Opening(source, service.name())) || host.reaches(source, service));
        }
    }

    private static final class ClosingFirst extends ModelFirewall {
        ClosingFirst(FirewallContext context) {
            super(context);
        }

        @Override
        public void apply(List<? extends Change> changes) {
            check(changes);
            String script = script(changes.stream());
            Set<Opening> there = openings();
            host.run(script); // refused as a whole, if it is
            List<Change.Close> renewed = changes.stream()
                    .filter(change -> change instanceof Change.Open && there.contains(change.opening()))
                    .map(change -> new Change.Close(change.opening()))
                    .toList();
            if (!renewed.isEmpty()) {
                run(script(renewed.stream()));
                host.gap();
                run(script);
            }
        }
    }

    private static final class EmptyAtFirst extends ModelFirewall {
        EmptyAtFirst(FirewallContext context) {
            super(context);
        }

        @Override
        public void install(List<Change.Open> openings) {
            super.install(openings);
            run(script(List.of()));
            host.gap();
            super.install(openings);
        }
    }

    private static final class Bare extends ModelFirewall {
        Bare(FirewallContext context) {
            super(context);
        }

        @Override
        public void install(List<Change.Open> openings) {
            super.install(openings);
            run(remove());
            host.gap();
            super.install(openings);
        }
    }

    private static final class Leaving extends ModelFirewall {
        Leaving(FirewallContext context) {
            super(context);
        }

        @Override
        void leave() {
            run(remove());
        }
    }
}
