package io.openme.firewall;

import io.openme.spi.Availability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallProvider;

/** The backend {@code dry-run}: logs what it would do and guards nothing. Never chosen unless named. */
public final class DryRunFirewallProvider implements FirewallProvider {
    /** For {@link java.util.ServiceLoader}. */
    public DryRunFirewallProvider() {}

    @Override
    public String name() {
        return "dry-run";
    }

    @Override
    public int priority() {
        return Firewalls.ONLY_WHEN_NAMED;
    }

    @Override
    public Availability probe(FirewallContext context) {
        return Availability.usable("guards nothing, logs what would be done");
    }

    @Override
    public Firewall open(FirewallContext context) {
        return new DryRunFirewall(context);
    }
}
