package io.openme.cli;

import io.openme.cli.config.Configuration;
import io.openme.cli.split.FirewallHelper;
import io.openme.cli.split.Peer;
import io.openme.doorman.Admission;
import io.openme.doorman.Doorman;
import io.openme.doorman.DoormanBuilder;
import io.openme.firewall.Firewalls;
import io.openme.firewall.FrontDoor;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Makes what a configuration describes. */
final class Doormen {
    private Doormen() {}

    /**
     * The doorman, not started.
     *
     * @param admission who gets in
     * @param state where it remembers its grants
     * @param oversight hears what it does
     */
    static Doorman doorman(
            Configuration configuration,
            Admission.Source admission,
            Optional<Path> state,
            Consumer<DoormanBuilder> oversight) {
        Configuration.FirewallSettings firewall = configuration.firewall();
        DoormanBuilder builder = Doorman.builder()
                .admission(admission)
                .owner(firewall.owner())
                .onClose(firewall.onClose())
                .allowTls12(configuration.tls12());
        configuration.listen().forEach(builder::listen);
        configuration.listenLimit().ifPresentOrElse(builder::listenLimit, builder::noListenLimit);
        configuration.services().forEach(builder::service);
        configuration.grants().rate().ifPresentOrElse(builder::ratePerClient, builder::noRatePerClient);
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

    /**
     * The helper of a doorman of this configuration, which changes the firewall for it.
     *
     * @param peer whose process that doorman is
     * @param configuration of a file that the peer could not change when it was read
     */
    static FirewallHelper helper(Path socket, Peer peer, Configuration configuration) {
        Firewall firewall = firewall(configuration, OnClose.KEEP_GUARD);
        configuration.listenLimit().ifPresent(limit -> FrontDoor.limit(firewall, configuration.listen(), limit));
        return FirewallHelper.open(socket, peer, configuration, firewall);
    }

    static Identity identity(Configuration configuration, Host host) {
        return identity(configuration.identity(), new Identities(host.terminal()));
    }

    static Identity identity(Configuration.IdentityFiles files, Identities identities) {
        return identities.pem(files.certificate(), files.key(), files.passphrase(), "write identity.passphrase-file");
    }

    /** What the configuration says now, for ever. */
    static Admission.Source fixed(Configuration configuration, Identity identity, Trust trust) {
        Admission admission = new Admission(identity, trust, configuration.accessPolicy());
        return Admission.Source.of(() -> admission, List.of());
    }

    static Trust trust(Configuration configuration) {
        Trust trust = Trust.ofPem(configuration.clients().ca());
        Configuration.ClientFiles clients = configuration.clients();
        return clients.crl()
                .map(file -> trust.withCrl(file, clients.crlGrace()))
                .orElse(trust);
    }
}
