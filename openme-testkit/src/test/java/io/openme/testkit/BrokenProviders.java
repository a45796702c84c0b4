package io.openme.testkit;

import io.openme.spi.Availability;
import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.FirewallProvider;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Faults against chapter 1. */
final class BrokenProviders {
    static final List<Broken> ALL = List.of(
            Broken.backend("§1.1", "has a name with a capital letter", new CapitalName()),
            Broken.backend("§1.2", "can't be made by a ServiceLoader", new PrivateProvider()),
            Broken.backend("§1.3", "does not name the option that leads it to its host", new FewOptions()),
            Broken.firewall("§1.4", "wins over real ones without enforcing anything", NotEnforcing::new),
            Broken.backend("§1.5", "does not say what it found", new Silent()),
            Broken.backend("§1.6", "throws instead of saying why it is not usable", new Throwing()),
            Broken.backend("§1.6", "does not look before it says that it is usable", new Careless()),
            Broken.backend("§1.7", "leaves on the host what it has probed with", new Littering()),
            Broken.firewall("§1.8", "says FAILED whatever the reason", FailsSomehow::new),
            Broken.firewall("§1.9", "needs permission for a preview", PermittedPreview::new),
            Broken.backend("§1.10", "takes a service that it can't guard", new Boastful()));

    private BrokenProviders() {}

    private static final class CapitalName extends Model {
        @Override
        String name() {
            return "Model";
        }
    }

    private static final class PrivateProvider extends Model {
        @Override
        FirewallProvider provider() {
            return new Hidden(this);
        }
    }

    private record Hidden(Model model) implements FirewallProvider {
        @Override
        public String name() {
            return model.name();
        }

        @Override
        public Set<String> options() {
            return model.options();
        }

        @Override
        public Availability probe(FirewallContext context) {
            return model.probe(context);
        }

        @Override
        public Firewall open(FirewallContext context) {
            return model.open(context);
        }
    }

    private static final class FewOptions extends Model {
        @Override
        Set<String> options() {
            return Set.of("user", "most");
        }
    }

    private static final class NotEnforcing extends ModelFirewall {
        NotEnforcing(FirewallContext context) {
            super(context);
        }

        @Override
        public Set<Capability> capabilities() {
            return EnumSet.of(Capability.ATOMIC, Capability.KERNEL_EXPIRY);
        }
    }

    private static final class Silent extends Model {
        @Override
        Availability probe(FirewallContext context) {
            Availability found = super.probe(context);
            return found.usable() ? Availability.usable(" ") : found;
        }
    }

    private static final class Throwing extends Model {
        @Override
        Availability probe(FirewallContext context) {
            checkUser(context);
            return super.probe(context);
        }
    }

    private static final class Careless extends Model {
        @Override
        Availability probe(FirewallContext context) {
            Availability found = super.probe(context);
            return context.options().containsKey("user") ? Availability.usable("surely") : found;
        }
    }

    private static final class Littering extends Model {
        @Override
        Availability probe(FirewallContext context) {
            ModelHost.named(context.options().getOrDefault("host", "")).run("guard probe scratch 1 [1/tcp]");
            return super.probe(context);
        }
    }

    private static final class FailsSomehow extends ModelFirewall {
        FailsSomehow(FirewallContext context) {
            super(context);
        }

        @Override
        public void install(List<Change.Open> openings) {
            try {
                super.install(openings);
            } catch (FirewallException e) {
                throw e.reason() == Reason.NOT_PERMITTED ? new FirewallException(Reason.FAILED, "failed", e) : e;
            }
        }
    }

    private static final class PermittedPreview extends ModelFirewall {
        PermittedPreview(FirewallContext context) {
            super(context);
        }

        @Override
        public String preview(List<Change.Open> openings) {
            Model.checkUser(context);
            return super.preview(openings);
        }
    }

    private static final class Boastful extends Model {
        @Override
        Firewall open(FirewallContext context) {
            return new ModelFirewall(context);
        }
    }
}
