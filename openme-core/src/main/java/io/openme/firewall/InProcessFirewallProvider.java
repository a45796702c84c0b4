package io.openme.firewall;

import io.openme.spi.Availability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallProvider;

/**
 * The backend {@code in-process}: an {@link InProcessFirewall} that nobody but the doorman sees. Never chosen unless
 * named; an embedder makes an {@link InProcessFirewall} and hands it to the doorman instead.
 */
public final class InProcessFirewallProvider implements FirewallProvider {
    /** For {@link java.util.ServiceLoader}. */
    public InProcessFirewallProvider() {}

    @Override
    public String name() {
        return "in-process";
    }

    @Override
    public int priority() {
        return Firewalls.ONLY_WHEN_NAMED;
    }

    @Override
    public Availability probe(FirewallContext context) {
        return Availability.usable("guards servers inside this process that ask it, and no other");
    }

    @Override
    public Firewall open(FirewallContext context) {
        return new InProcessFirewall(context.serviceNames());
    }
}
