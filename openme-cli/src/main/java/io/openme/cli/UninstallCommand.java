package io.openme.cli;

import io.openme.cli.Removal.Outcome;
import io.openme.cli.Removal.Result;
import io.openme.cli.config.Configuration;
import io.openme.cli.config.Configuration.FirewallSettings;
import io.openme.firewall.Firewalls;
import io.openme.spi.FirewallContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code openme uninstall}. */
@Command(
        name = "uninstall",
        header = "Removes everything of openme from this host's firewalls.",
        description = {
            "Whatever run put it there, and in whatever state it is. What was guarded is then reachable to everyone whom"
                    + " the host's other rules let through. Stop the doorman first: one that runs puts its guard back.",
            "Files are not touched: certificates, configurations and state directories stay."
        },
        footer = {
            "",
            "Examples:",
            "  openme uninstall",
            "  openme uninstall -c /etc/openme/config.yaml --yes",
            "  openme uninstall --owner door-2 --firewall nftables",
            "",
            "Exit codes: 0 nothing is left, 2 something may be there still."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class UninstallCommand implements Callable<Integer> {
    private final Host host;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-c", "--config-file"},
            paramLabel = "FILE",
            description = "Take the owner and the firewall's options from this configuration; default: ./config.yaml if"
                    + " it is there, nobody else can write it and no owner is named.")
    private Optional<Path> file = Optional.empty();

    @Option(names = "--firewall", paramLabel = "NAME", description = "Only from this firewall; default: from all.")
    private Optional<String> firewall = Optional.empty();

    @Option(
            names = "--owner",
            paramLabel = "TAG",
            description =
                    "Whose; default: firewall.owner of the configuration, or " + FirewallContext.DEFAULT_OWNER + ".")
    private Optional<String> owner = Optional.empty();

    @Mixin
    private Consent consent = new Consent();

    UninstallCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        CommandLine line = Program.line(spec);
        Optional<FirewallSettings> settings =
                file.or(this::defaultFile).map(Configuration::read).map(Configuration::firewall);
        String whose = owner.or(() -> settings.map(FirewallSettings::owner)).orElse(FirewallContext.DEFAULT_OWNER);
        Removal removal = removal(whose, settings);
        List<String> places = removal.places(firewall);
        consent.require(
                host.terminal(),
                "everything of owner " + whose + " is removed from " + String.join(", ", places)
                        + ", and what it guarded is reachable again",
                "Name what to remove with --owner and --firewall");
        List<Outcome> outcomes = new ArrayList<>();
        for (String place : places) {
            Outcome outcome = removal.remove(place, firewall.isPresent());
            outcomes.add(outcome);
            line.getOut().printf(Locale.ROOT, "%-11s %s%n", place, outcome.detail());
            line.getOut().flush();
        }
        requireGone(whose, outcomes);
        return ExitCode.OK;
    }

    private static Removal removal(String whose, Optional<FirewallSettings> settings) {
        try {
            return new Removal(
                    Firewalls.onClassPath(),
                    whose,
                    settings.flatMap(FirewallSettings::backend),
                    settings.map(FirewallSettings::options).orElse(Map.of()));
        } catch (IllegalArgumentException e) {
            throw new UsageException(e);
        }
    }

    private static void requireGone(String whose, List<Outcome> outcomes) {
        String failed = outcomes.stream()
                .filter(outcome -> outcome.result() == Result.FAILED)
                .map(Outcome::firewall)
                .collect(Collectors.joining(", "));
        if (!failed.isEmpty()) {
            throw new UsageException("something of " + whose + " may still be in " + failed
                    + "; the reason is above, try again when it is mended");
        }
        if (outcomes.stream().noneMatch(outcome -> outcome.result() == Result.GONE)) {
            throw new UsageException("no firewall could be looked at, so something of " + whose
                    + " may be anywhere; the reasons are above");
        }
    }

    /** Somebody who names an owner may have no configuration that can be read any more. */
    private Optional<Path> defaultFile() {
        return owner.isPresent() ? Optional.empty() : ConfigurationFile.here(System.getenv());
    }
}
