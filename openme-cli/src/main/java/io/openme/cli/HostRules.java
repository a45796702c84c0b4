package io.openme.cli;

import io.openme.cli.config.Configuration;
import io.openme.exec.CommandException;
import io.openme.exec.CommandResult;
import io.openme.exec.CommandRunner;
import io.openme.exec.Limits;
import io.openme.spi.Service;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Notes on rules of the host that are not ours, and close what we open.
 *
 * <p>A base chain that drops by its policy, such as by {@code iptables -P INPUT DROP}, can be told from what it is.
 * Whether its rules accept a port can't without following them all, so that is left to a person; and so is everything else
 * that closes a port. nft knows the chains of iptables, too, but those of its legacy; these are only looked at where
 * iptables is the backend, since others need not be allowed to.
 */
final class HostRules {
    private static final Limits LIMITS = Limits.of(Duration.ofSeconds(2));
    private static final Pattern TABLE = Pattern.compile("table ((?:ip|ip6|inet) \\S+) \\{");
    private static final Pattern CHAIN = Pattern.compile("\\s+chain (\\S+) \\{");
    private static final Pattern DROPPING =
            Pattern.compile("\\s+type filter hook (?:prerouting|input) priority [^;]+; policy drop;.*");
    private static final Pattern SAVED_TABLE = Pattern.compile("\\*(\\S+)");
    private static final Pattern SAVED_DROPPING = Pattern.compile(":(PREROUTING|INPUT) DROP .*");

    private final CommandRunner runner;
    private final String ports;

    private HostRules(List<String> prefix, List<Service> services) {
        this.runner = new CommandRunner(prefix);
        this.ports = services.stream()
                .flatMap(s -> s.ports().stream())
                .map(Object::toString)
                .collect(Collectors.joining(", "));
    }

    /** Asks the host's tools, by the command prefix that the configuration gives its backend. */
    static List<String> notes(Configuration configuration, String backend) {
        Map<String, String> options = configuration.firewall().options();
        List<String> prefix = Pattern.compile("\\s+")
                .splitAsStream(options.getOrDefault("command", ""))
                .filter(word -> !word.isEmpty())
                .toList();
        HostRules rules = new HostRules(prefix, configuration.services());
        return backend.equals("iptables") ? rules.ofIptables() : rules.ofNft(options.getOrDefault("nft", "nft"));
    }

    private List<String> ofNft(String nft) {
        try {
            return notes(run(nft, "list", "chains"), ports);
        } catch (CommandException | IllegalStateException e) {
            return List.of(unseen(e));
        }
    }

    /** A host of iptables need not have nft, or allow it, nor both variants of iptables; but one of them it has. */
    private List<String> ofIptables() {
        List<String> notes = new ArrayList<>();
        List<String> tools = new ArrayList<>(List.of("iptables-legacy", "ip6tables-legacy"));
        boolean seen = false;
        try {
            notes.addAll(notes(run("nft", "list", "chains"), ports));
            seen = true;
        } catch (CommandException | IllegalStateException e) {
            tools.addAll(0, List.of("iptables-nft", "ip6tables-nft"));
        }
        Optional<RuntimeException> failure = Optional.empty();
        for (String tool : tools) {
            try {
                notes.addAll(notesOfSaved(tool, run(tool + "-save"), ports));
                seen = true;
            } catch (CommandException | IllegalStateException e) {
                failure = Optional.of(e);
            }
        }
        if (!seen) {
            failure.ifPresent(e -> notes.add(unseen(e)));
        }
        return notes;
    }

    private String run(String... command) {
        CommandResult result = runner.run(List.of(command), new byte[0], LIMITS);
        if (!result.succeeded()) {
            throw new IllegalStateException(result.errors().lines().findFirst().orElse(command[0] + " failed"));
        }
        return result.output();
    }

    /** Of what {@code iptables-save} says. */
    static List<String> notesOfSaved(String tool, String saved, String ports) {
        List<String> notes = new ArrayList<>();
        String table = "";
        for (String line : saved.lines().toList()) {
            table = group(SAVED_TABLE, line).orElse(table);
            String of = table;
            group(SAVED_DROPPING, line)
                    .ifPresent(chain ->
                            notes.add(note(tool + " " + of + " " + chain, ports, tool + " -t " + of + " -S " + chain)));
        }
        return notes;
    }

    /** Of what {@code nft list chains} says. */
    static List<String> notes(String listing, String ports) {
        return dropping(listing).stream()
                .map(chain -> note(chain, ports, "nft list chain " + chain))
                .toList();
    }

    private static String note(String chain, String ports, String look) {
        return "chain " + chain + " of this host drops what its rules do not accept, whatever openme opens."
                + " See that they accept " + ports + ": " + look;
    }

    /** {@code FAMILY TABLE CHAIN} of each that drops by its policy. */
    private static List<String> dropping(String listing) {
        List<String> found = new ArrayList<>();
        String table = "";
        String chain = "";
        for (String line : listing.lines().toList()) {
            if (!line.startsWith("\t")) {
                // A table of another family sees other packets.
                table = group(TABLE, line).orElse("");
            }
            chain = group(CHAIN, line).orElse(chain);
            if (!table.isEmpty() && DROPPING.matcher(line).matches()) {
                found.add(table + " " + chain);
            }
        }
        return found;
    }

    private static Optional<String> group(Pattern pattern, String line) {
        return Stream.of(pattern.matcher(line))
                .filter(Matcher::matches)
                .map(matcher -> matcher.group(1))
                .findFirst();
    }

    private static String unseen(RuntimeException why) {
        return "whether other rules of this host close the guarded ports could not be seen: "
                + String.valueOf(why.getMessage())
                        .replaceAll("[^\\x20-\\x7e]+", " ")
                        .strip();
    }
}
