package io.openme.cli;

import io.openme.cli.CheckReport.Chosen;
import io.openme.cli.CheckReport.Probed;
import io.openme.cli.config.Configuration;
import io.openme.firewall.FrontDoor;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallException;
import io.openme.spi.OpenmeException;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code openme check}. */
@Command(
        name = "check",
        header = "Says whether the doorman would run here, and what it would do to the firewall.",
        description =
                "Reads the configuration and the files that it names, and asks every firewall backend whether it is"
                        + " usable. Changes nothing. Notes a chain of nftables or iptables (of its legacy with the backend iptables"
                        + " only) that drops by its policy and so may close what is opened; rules that drop or reject by themselves, and"
                        + " firewalls elsewhere, it does not see.",
        footer = {
            "",
            "Examples:",
            "  openme check -c /etc/openme/config.yaml",
            "  openme check --json | jq .preview -r",
            "  openme check --explain --client alice.crt --address 203.0.113.9",
            "",
            "Exit codes: 0 the doorman would run, 2 it would not;",
            "  with --explain 0 the client may open something now, 1 it is refused, 2 wrong usage or configuration."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class CheckCommand implements Callable<Integer> {
    private final Host host;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Option(names = "--json", description = "For programs: a JSON object.")
    private boolean json;

    @Option(
            names = "--explain",
            description = "Say instead what a client could do, and which rule of the policy says so.")
    private boolean explain;

    @Option(
            names = "--client",
            paramLabel = "CLIENT",
            description = "The client to explain: its certificate (PEM), or a common name.")
    private Optional<String> client = Optional.empty();

    @Option(
            names = "--address",
            paramLabel = "ADDRESS",
            converter = Converters.Address.class,
            description = "Explain what it could open for this guest, too.")
    private Optional<InetAddress> address = Optional.empty();

    CheckCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        CommandLine line = Program.line(spec);
        if (explain != client.isPresent() || (address.isPresent() && !explain)) {
            throw new UsageException("--explain needs a client, and --client and --address belong to --explain; write"
                    + " --explain --client alice, or --client with the file of a certificate");
        }
        Configuration configuration = options.read(line);
        if (client.isPresent()) {
            return explain(line, configuration, client.get());
        }
        TrustedFiles.warn(
                options.file(),
                configuration,
                Writers.of(System.getenv()),
                false,
                reason -> Messages.warn(line, reason));
        Identity identity = Doormen.identity(configuration, host);
        Trust trust = Doormen.trust(configuration);
        // Not started, so it touches nothing; building it finds what only a doorman refuses.
        Optional<Path> state = StateDirectories.of(configuration, host.state());
        Doormen.doorman(configuration, Doormen.fixed(configuration, identity, trust), state, builder -> {})
                .close();
        warnOfDates(line, identity, trust);

        List<Probed> probed =
                Probed.all(configuration.context(configuration.firewall().onClose()));
        Optional<Chosen> chosen = Optional.empty();
        Optional<OpenmeException> problem = Optional.empty();
        try {
            chosen = Optional.of(choose(configuration, probed));
            problem = chosen.flatMap(firewall -> uncut(configuration, firewall));
        } catch (FirewallException e) {
            problem = Optional.of(e);
        }
        CheckReport report = new CheckReport(
                options.file(),
                configuration,
                state,
                identity,
                trust,
                probed,
                chosen,
                chosen.filter(firewall -> guardsTheHost(firewall, probed))
                        .map(firewall -> HostRules.notes(configuration, firewall.name()))
                        .orElseGet(List::of),
                problem.map(Throwable::getMessage));
        if (json) {
            line.getOut().println(Json.write(report.toMap()));
            line.getOut().flush();
        } else {
            report.print(line.getOut());
        }
        if (problem.isPresent()) {
            throw problem.get();
        }
        return ExitCode.OK;
    }

    private int explain(CommandLine line, Configuration configuration, String whom) {
        Explanation explanation = Explanation.of(
                configuration,
                ExplainedClient.of(whom, configuration, host.clock()),
                address,
                host.clock().instant());
        if (json) {
            line.getOut().println(Json.write(explanation.toMap()));
            line.getOut().flush();
        } else {
            explanation.print(line.getOut());
        }
        return explanation.mayOpen() ? ExitCode.OK : ExitCode.REFUSED;
    }

    private static Chosen choose(Configuration configuration, List<Probed> probed) {
        // Never installed, so closing it leaves the host as it is.
        try (Firewall firewall =
                Doormen.firewall(configuration, configuration.firewall().onClose())) {
            String name = configuration
                    .firewall()
                    .backend()
                    .or(() -> probed.stream()
                            .filter(Probed::canBeChosen)
                            .map(each -> each.provider().name())
                            .findFirst())
                    .orElse("firewall");
            configuration.listenLimit().ifPresent(limit -> FrontDoor.limit(firewall, configuration.listen(), limit));
            return new Chosen(name, firewall.capabilities(), firewall.preview(List.of()));
        }
    }

    /** Where nothing of the host is guarded, its other rules do not matter. */
    private static boolean guardsTheHost(Chosen firewall, List<Probed> probed) {
        return probed.stream()
                .map(Probed::provider)
                .anyMatch(each -> each.name().equals(firewall.name()) && each.priority() >= 0);
    }

    /** What a doorman refuses when it starts. */
    private static Optional<OpenmeException> uncut(Configuration configuration, Chosen firewall) {
        return firewall.uncut(configuration.services()).stream()
                .findFirst()
                .map(service -> new UsageException("service " + service.name()
                        + " is to cut its connections, which firewall " + firewall.name()
                        + " can't; use another firewall, or write established: keep"));
    }

    private void warnOfDates(CommandLine line, Identity identity, Trust trust) {
        Instant now = host.clock().instant();
        Instant end = identity.certificate().getNotAfter().toInstant();
        if (now.isAfter(end)) {
            Messages.warn(line, "the doorman's certificate expired at " + end + ": no client will believe it");
        }
        trust.revocationsEnd()
                .filter(now::isAfter)
                .ifPresent(crlEnd -> Messages.warn(
                        line,
                        "the revocation list ended at " + crlEnd + ": every client will be refused; write a new one"));
    }
}
