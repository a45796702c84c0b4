package io.openme.cli;

import io.openme.cli.config.Configuration;
import io.openme.doorman.Doorman;
import io.openme.doorman.DoormanBuilder;
import io.openme.firewall.Firewalls;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** Makes what a configuration describes. */
final class Doormen {
    private Doormen() {}

    /** @param state where it remembers its grants */
    static Doorman doorman(Configuration configuration, Identity identity, Trust trust, Optional<Path> state) {
        return doorman(configuration, identity, trust, state, builder -> {});
    }

    /**
     * @param state where it remembers its grants
     * @param oversight hears what it does
     */
    static Doorman doorman(
            Configuration configuration,
            Identity identity,
            Trust trust,
            Optional<Path> state,
            Consumer<DoormanBuilder> oversight) {
        Configuration.FirewallSettings firewall = configuration.firewall();
        DoormanBuilder builder = Doorman.builder()
                .identity(identity)
                .trust(trust)
                .policy(configuration.accessPolicy())
                .owner(firewall.owner())
                .onClose(firewall.onClose())
                .allowTls12(configuration.tls12());
        configuration.listen().forEach(builder::listen);
        configuration.services().forEach(builder::service);
        firewall.backend().ifPresent(name -> builder.firewall(name, firewall.options()));
        firewall.watchInterval().ifPresent(builder::watchInterval);
        state.ifPresent(builder::stateDirectory);
        oversight.accept(builder);
        try {
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new UsageException("the configuration can't be used: " + e.getMessage(), e);
        }
    }

    /** The firewall that a doorman of this configuration would use, not installed. */
    static Firewall firewall(Configuration configuration, OnClose onClose) {
        Firewalls firewalls = Firewalls.onClassPath();
        FirewallContext context = configuration.context(onClose);
        return configuration
                .firewall()
                .backend()
                .map(name -> firewalls.open(name, context))
                .orElseGet(() -> firewalls.openBest(context));
    }

    static Identity identity(Configuration configuration, Host host) {
        Configuration.IdentityFiles files = configuration.identity();
        return new Identities(host.terminal())
                .pem(files.certificate(), files.key(), files.passphrase(), "write identity.passphrase-file");
    }

    static Trust trust(Configuration configuration) {
        Trust trust = Trust.ofPem(configuration.clients().ca());
        return configuration.clients().crl().map(trust::withCrl).orElse(trust);
    }
}
