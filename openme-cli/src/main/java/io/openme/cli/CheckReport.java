package io.openme.cli;

import io.openme.cli.config.Configuration;
import io.openme.cli.config.Durations;
import io.openme.firewall.Firewalls;
import io.openme.policy.Rule;
import io.openme.protocol.IpLiteral;
import io.openme.spi.Availability;
import io.openme.spi.Capability;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallProvider;
import io.openme.spi.Service;
import io.openme.spi.Service.Established;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code openme check} found out, for people and for programs.
 *
 * @param file where the configuration was read from
 * @param state where grants outlive a restart
 * @param chosen the firewall that would guard; empty if there is none
 * @param notes what a person should look at
 * @param problem why the doorman would not run
 */
record CheckReport(
        Path file,
        Configuration configuration,
        Optional<Path> state,
        Identity identity,
        Trust trust,
        List<Probed> probed,
        Optional<Chosen> chosen,
        List<String> notes,
        Optional<String> problem) {
    /** A backend and what it says of itself. */
    record Probed(FirewallProvider provider, Availability availability) {
        static List<Probed> all(FirewallContext context) {
            return Firewalls.onClassPath().providers().stream()
                    .map(provider -> new Probed(provider, Firewalls.probe(provider, context)))
                    .toList();
        }

        boolean canBeChosen() {
            return availability.usable() && provider.priority() >= 0;
        }
    }

    /** The firewall that would guard, and what it would install. */
    record Chosen(String name, Set<Capability> capabilities, String preview) {
        /** The services that are to cut connections where this can't. */
        List<Service> uncut(List<Service> services) {
            return services.stream()
                    .filter(service -> service.established() == Established.CUT)
                    .filter(service -> !capabilities.contains(Capability.CUT))
                    .toList();
        }
    }

    void print(PrintWriter out) {
        out.println("Configuration " + file + " is good");
        out.println("  listens on  " + String.join(", ", listen()));
        configuration
                .listenLimit()
                .ifPresent(limit -> out.println("  limits      each source to " + limit.connections()
                        + " new connections in " + Durations.format(limit.per()) + ", where the firewall can"));
        configuration
                .services()
                .forEach(s -> out.println("  guards      " + s.name() + " " + s.ports()
                        + (s.established() == Established.CUT ? ", cuts connections when a grant ends" : "")));
        out.println(
                "  grants      live " + Durations.format(configuration.grants().lifetime()) + ", up to "
                        + Durations.format(configuration.grants().longest()));
        out.println("  policy      "
                + configuration
                        .policy()
                        .map(policy ->
                                policy.rules().size() + " rule(s), the first about a client decides; see --explain")
                        .orElse("every client may open everything"));
        out.println("  remembers   "
                + state.map(directory -> "them in " + directory).orElse("none of them: a restart closes what is open"));
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
                    each.availability.usable() ? each.canBeChosen() ? "usable" : "if named" : "unusable",
                    each.availability.detail());
        }
        chosen.ifPresent(firewall -> print(out, firewall));
        if (!notes.isEmpty()) {
            out.println();
            out.println("Notes");
            notes.forEach(note -> out.println("  " + note));
        }
        out.flush();
    }

    private static void print(PrintWriter out, Chosen firewall) {
        out.println();
        out.println("What " + firewall.name + " promises");
        for (Capability each : Capability.values()) {
            out.printf(
                    Locale.ROOT,
                    "  %-14s %-4s %s%n",
                    text(each),
                    firewall.capabilities.contains(each) ? "yes" : "NO",
                    meaning(each));
        }
        out.println();
        out.println("Would be installed (" + firewall.name + ")");
        firewall.preview.lines().forEach(each -> out.println("  " + each));
    }

    Map<String, Object> toMap() {
        Map<String, Object> services = new LinkedHashMap<>();
        configuration
                .services()
                .forEach(s -> services.put(
                        s.name(), s.ports().stream().map(Object::toString).toList()));
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("configuration", file);
        map.put("listen", listen());
        configuration.listenLimit().ifPresent(limit -> {
            map.put("listenLimitConnections", limit.connections());
            map.put("listenLimitMilliseconds", limit.per().toMillis());
        });
        map.put("services", services);
        map.put(
                "cut",
                configuration.services().stream()
                        .filter(s -> s.established() == Established.CUT)
                        .map(Service::name)
                        .toList());
        map.put("lifetimeSeconds", configuration.grants().lifetime().toSeconds());
        map.put("longestSeconds", configuration.grants().longest().toSeconds());
        configuration
                .policy()
                .ifPresent(policy ->
                        map.put("rules", policy.rules().stream().map(Rule::name).toList()));
        state.ifPresent(directory -> map.put("stateDirectory", directory));
        map.put("firewalls", probed.stream().map(CheckReport::toMap).toList());
        chosen.ifPresent(firewall -> {
            map.put("backend", firewall.name);
            map.put(
                    "capabilities",
                    Arrays.stream(Capability.values())
                            .filter(firewall.capabilities::contains)
                            .map(CheckReport::text)
                            .toList());
            map.put("preview", firewall.preview);
        });
        map.put("notes", notes);
        problem.ifPresent(text -> map.put("error", text));
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

    private static String text(Capability capability) {
        return capability.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String meaning(Capability capability) {
        return switch (capability) {
            case ATOMIC -> "a change takes effect as a whole or not at all";
            case KERNEL_EXPIRY -> "a port closes in time even if the doorman is dead";
            case CUT -> "connections can be cut when their grant ends";
            case ENFORCING -> "strangers are kept out";
            case DOOR_LIMIT -> "new connections to the doorman itself can be limited";
        };
    }

    private List<String> listen() {
        return configuration.listen().stream().map(CheckReport::text).toList();
    }

    private static String text(InetSocketAddress listen) {
        InetAddress address = listen.getAddress();
        String literal = IpLiteral.format(address);
        return (literal.contains(":") ? "[" + literal + "]" : literal) + ":" + listen.getPort();
    }
}
