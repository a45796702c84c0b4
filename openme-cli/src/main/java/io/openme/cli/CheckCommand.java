package io.openme.cli;

import io.openme.cli.config.Configuration;
import io.openme.cli.config.Durations;
import io.openme.firewall.Firewalls;
import io.openme.protocol.IpLiteral;
import io.openme.spi.Availability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallProvider;
import io.openme.spi.Service.Established;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
                        + " usable. Changes nothing.",
        footer = {
            "",
            "Examples:",
            "  openme check -c /etc/openme/config.yaml",
            "  openme check --json | jq .preview -r",
            "",
            "Exit codes: 0 the doorman would run, 2 it would not."
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

    /** A backend and what it says of itself. */
    private record Probed(FirewallProvider provider, Availability availability) {}

    CheckCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        CommandLine line = Program.line(spec);
        Configuration configuration = options.read(line);
        Identity.tooOpen(configuration.identity().key()).ifPresent(reason -> Messages.warn(line, reason));
        Identity identity = Doormen.identity(configuration, host);
        Trust trust = Doormen.trust(configuration);
        // Not started, so it touches nothing; building it finds what only a doorman refuses.
        Doormen.doorman(configuration, identity, trust).close();
        warnOfDates(line, identity, trust);

        OnClose onClose = configuration.firewall().onClose();
        FirewallContext context = configuration.context(onClose);
        List<Probed> probed = Firewalls.onClassPath().providers().stream()
                .map(provider -> new Probed(provider, Firewalls.probe(provider, context)))
                .toList();
        String preview = "";
        @Nullable FirewallException failure = null;
        // Never installed, so closing it leaves the host as it is.
        try (Firewall firewall = Doormen.firewall(configuration, onClose)) {
            preview = firewall.preview(List.of());
        } catch (FirewallException e) {
            failure = e;
        }
        PrintWriter out = line.getOut();
        if (json) {
            out.println(Json.write(toMap(configuration, probed, preview, failure)));
        } else {
            print(out, configuration, identity, trust, probed, preview);
        }
        out.flush();
        if (failure != null) {
            throw failure;
        }
        return ExitCode.OK;
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

    private void print(
            PrintWriter out,
            Configuration configuration,
            Identity identity,
            Trust trust,
            List<Probed> probed,
            String preview) {
        out.println("Configuration " + options.file() + " is good");
        out.println("  listens on  " + String.join(", ", listen(configuration)));
        configuration
                .services()
                .forEach(s -> out.println("  guards      " + s.name() + " " + s.ports()
                        + (s.established() == Established.CUT ? ", cuts connections when a grant ends" : "")));
        out.println(
                "  grants      live " + Durations.format(configuration.grants().lifetime()));
        configuration.grants().stateDirectory().ifPresent(d -> out.println("  remembers   them in " + d));
        out.println("  identity    " + identity + " until "
                + identity.certificate().getNotAfter().toInstant());
        out.println("  clients of  " + trust
                + trust.revocationsEnd().map(end -> " until " + end).orElse(", nobody is revoked"));
        out.println();
        out.println("Firewalls");
        for (Probed each : probed) {
            out.printf(
                    Locale.ROOT,
                    "  %-11s %-10s %s%n",
                    each.provider.name(),
                    each.availability.usable() ? each.provider.priority() < 0 ? "if named" : "usable" : "unusable",
                    each.availability.detail());
        }
        if (!preview.isEmpty()) {
            out.println();
            out.println("Would be installed"
                    + configuration
                            .firewall()
                            .backend()
                            .map(name -> " (" + name + ")")
                            .orElse(""));
            preview.lines().forEach(each -> out.println("  " + each));
        }
    }

    private Map<String, Object> toMap(
            Configuration configuration, List<Probed> probed, String preview, @Nullable FirewallException failure) {
        Map<String, Object> services = new LinkedHashMap<>();
        configuration
                .services()
                .forEach(s -> services.put(
                        s.name(), s.ports().stream().map(Object::toString).toList()));
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("configuration", options.file());
        map.put("listen", listen(configuration));
        map.put("services", services);
        map.put("lifetimeSeconds", configuration.grants().lifetime().toSeconds());
        configuration.grants().stateDirectory().ifPresent(d -> map.put("stateDirectory", d));
        map.put("firewalls", probed.stream().map(CheckCommand::toMap).toList());
        configuration.firewall().backend().ifPresent(name -> map.put("backend", name));
        if (failure == null) {
            map.put("preview", preview);
        } else {
            map.put("error", String.valueOf(failure.getMessage()));
        }
        return map;
    }

    private static Map<String, Object> toMap(Probed probed) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", probed.provider.name());
        map.put("usable", probed.availability.usable());
        map.put("detail", probed.availability.detail());
        map.put("priority", probed.provider.priority());
        return map;
    }

    private static List<String> listen(Configuration configuration) {
        return configuration.listen().stream().map(CheckCommand::text).toList();
    }

    private static String text(InetSocketAddress listen) {
        InetAddress address = listen.getAddress();
        String literal = IpLiteral.format(address);
        return (literal.contains(":") ? "[" + literal + "]" : literal) + ":" + listen.getPort();
    }
}
