package io.openme.testkit;

import io.openme.spi.Availability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.FirewallProvider;
import io.openme.spi.PortRange;
import io.openme.spi.Protocol;
import java.util.Optional;
import java.util.Set;

/** A correct backend for {@link ModelHost}: what a broken one does differently, it overrides. */
class Model {
    String name() {
        return "model";
    }

    int priority() {
        return 0;
    }

    Set<String> options() {
        return Set.of("host", "user", "most");
    }

    Availability probe(FirewallContext context) {
        try {
            check(context);
            return Availability.usable("a packet filter in memory");
        } catch (FirewallException e) {
            return Availability.unusable(String.valueOf(e.getMessage()));
        }
    }

    Firewall open(FirewallContext context) {
        checkProtocols(context);
        return new ModelFirewall(context);
    }

    FirewallProvider provider() {
        return new ModelProvider(this);
    }

    Optional<Reach> reach(ModelHost host) {
        return Optional.of((firewall, source, service) -> host.reaches(source, service));
    }

    /** All that can be wrong. */
    static void check(FirewallContext context) {
        checkProtocols(context);
        checkUser(context);
        most(context);
        ModelHost.named(context.options().getOrDefault("host", ""));
    }

    static void checkProtocols(FirewallContext context) {
        context.services().forEach(service -> {
            if (service.ports().stream().map(PortRange::protocol).anyMatch(p -> p != Protocol.TCP)) {
                throw new FirewallException(Reason.NOT_SUPPORTED, service.name() + " has ports other than TCP's");
            }
        });
    }

    static void checkUser(FirewallContext context) {
        switch (context.options().getOrDefault("user", "root")) {
            case "root" -> {}
            case "nobody" -> throw new FirewallException(Reason.NOT_PERMITTED, "nobody may not");
            default -> throw new FirewallException(Reason.NOT_INSTALLED, "there is no such user");
        }
    }

    static int most(FirewallContext context) {
        try {
            return Integer.parseInt(context.options().getOrDefault("most", "1000000"));
        } catch (NumberFormatException e) {
            throw new FirewallException(Reason.MISCONFIGURED, "most is no number", e);
        }
    }
}
