package io.openme.testkit;

import io.openme.spi.Availability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallProvider;
import java.util.Set;

/** Of a {@link Model}, which may be a broken one; public, as the contract wants it. */
public final class ModelProvider implements FirewallProvider {
    private final Model model;

    /** Of a correct one. */
    public ModelProvider() {
        this(new Model());
    }

    ModelProvider(Model model) {
        this.model = model;
    }

    @Override
    public String name() {
        return model.name();
    }

    @Override
    public int priority() {
        return model.priority();
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
