package io.openme.cli.config;

import io.openme.doorman.AccessPolicy;
import io.openme.doorman.AccessPolicy.Rate;
import io.openme.policy.RulePolicy;
import io.openme.spi.DoorLimit;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.Service;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a configuration file says, with defaults in place of what it leaves out. The files that it names were not looked at.
 *
 * @param listen where to listen; at least one
 * @param listenLimit how many new connections each source may make to these; empty: the firewall does not count them
 * @param services what to guard
 * @param identity the doorman's certificate and key
 * @param clients whose clients may knock
 * @param firewall what guards
 * @param grants how long they live
 * @param policy who may open what; empty: every client everything
 * @param tls12 whether peers may use TLS 1.2
 * @param oversight what tells the owner of what it does
 * @param debug whether it is a file of the original daemon with {@code DEBUG: true}, which changed no firewall
 */
public record Configuration(
        List<InetSocketAddress> listen,
        Optional<DoorLimit> listenLimit,
        List<Service> services,
        IdentityFiles identity,
        ClientFiles clients,
        FirewallSettings firewall,
        GrantSettings grants,
        Optional<RulePolicy> policy,
        boolean tls12,
        OversightSettings oversight,
        boolean debug) {
    /** Copies the lists. */
    public Configuration {
        listen = List.copyOf(listen);
        services = List.copyOf(services);
    }

    /**
     * Reads a file of either format.
     *
     * @throws ConfigurationException with everything that is wrong with it
     */
    public static Configuration read(Path file) {
        return ConfigurationReader.read(file);
    }

    /**
     * The doorman's own files.
     *
     * @param certificate PEM
     * @param key PEM; may be the same file
     * @param passphrase a file whose first line opens the key
     */
    public record IdentityFiles(Path certificate, Path key, Optional<Path> passphrase) {}

    /**
     * The clients' CA.
     *
     * @param ca certificates in PEM
     * @param crl revocation lists
     * @param crlGrace for how long these still count after their next update
     */
    public record ClientFiles(Path ca, Optional<Path> crl, Duration crlGrace) {}

    /**
     * The firewall.
     *
     * @param backend its name; empty for the best that is usable
     * @param onClose what stopping leaves on the host
     * @param owner tells two doormen on one host apart
     * @param options the backend's own
     * @param watchInterval how often to look whether the guard is still there; empty for the doorman's own
     */
    public record FirewallSettings(
            Optional<String> backend,
            OnClose onClose,
            String owner,
            Map<String, String> options,
            Optional<Duration> watchInterval) {
        /** Where nothing is said. */
        static final FirewallSettings DEFAULT = new FirewallSettings(
                Optional.empty(), OnClose.KEEP_GUARD, FirewallContext.DEFAULT_OWNER, Map.of(), Optional.empty());

        /** Copies the options. */
        public FirewallSettings {
            options = Map.copyOf(options);
        }

        /** The same with another backend; options belong to the one they were written for. */
        public FirewallSettings withBackend(String name) {
            boolean same = backend.filter(name::equals).isPresent();
            return new FirewallSettings(Optional.of(name), onClose, owner, same ? options : Map.of(), watchInterval);
        }
    }

    /**
     * The grants.
     *
     * @param lifetime of each where its client does not say
     * @param longest the most that a client gets by asking for it, and the bound of every rule
     * @param rate how often each client may open or renew where no rule says so; empty: as often as it likes
     * @param memory where they outlive a restart
     */
    public record GrantSettings(Duration lifetime, Duration longest, Optional<Rate> rate, Memory memory) {}

    /**
     * What tells the owner of what the doorman does.
     *
     * @param audit the audit log
     * @param monitoring where metrics and health are served; a loopback address
     */
    public record OversightSettings(Optional<Path> audit, Optional<InetSocketAddress> monitoring) {
        /** Where nothing is said. */
        static final OversightSettings NONE = new OversightSettings(Optional.empty(), Optional.empty());
    }

    /** The same with another backend. */
    public Configuration withBackend(String name) {
        return new Configuration(
                listen,
                listenLimit,
                services,
                identity,
                clients,
                firewall.withBackend(name),
                grants,
                policy,
                tls12,
                oversight,
                debug);
    }

    /** The same, but with what that one says of who gets in. */
    public Configuration withAdmissionOf(Configuration other) {
        GrantSettings lifetimes =
                new GrantSettings(other.grants.lifetime, other.grants.longest, grants.rate, grants.memory);
        return new Configuration(
                listen,
                listenLimit,
                services,
                other.identity,
                other.clients,
                firewall,
                lifetimes,
                other.policy,
                tls12,
                oversight,
                debug);
    }

    /** Who may open what. */
    public AccessPolicy accessPolicy() {
        return policy.<AccessPolicy>map(Function.identity())
                .orElseGet(() -> AccessPolicy.everyService(grants.lifetime, grants.longest));
    }

    /** What a backend is opened with, to leave this when it is closed. */
    public FirewallContext context(OnClose onClose) {
        return new FirewallContext(firewall.owner, services, firewall.options, onClose);
    }
}
