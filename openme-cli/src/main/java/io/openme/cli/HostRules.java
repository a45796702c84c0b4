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
 * <p>A base chain of nftables that drops by its policy, which iptables' {@code -P INPUT DROP} is, too, unless it is the
 * legacy one, can be told from what it is. Whether its rules accept a port can't without following them all, so that is
 * left to a person; and so is everything else that closes a port.
 */
final class HostRules {
    private static final Limits LIMITS = Limits.of(Duration.ofSeconds(2));
    private static final Pattern TABLE = Pattern.compile("table ((?:ip|ip6|inet) \\S+) \\{");
    private static final Pattern CHAIN = Pattern.compile("\\s+chain (\\S+) \\{");
    private static final Pattern DROPPING =
            Pattern.compile("\\s+type filter hook (?:prerouting|input) priority [^;]+; policy drop;.*");

    private HostRules() {}

    /** Asks nft, by the command prefix that the configuration gives its backend. */
    static List<String> notes(Configuration configuration) {
        Map<String, String> options = configuration.firewall().options();
        List<String> prefix = Pattern.compile("\\s+")
                .splitAsStream(options.getOrDefault("command", ""))
                .filter(word -> !word.isEmpty())
                .toList();
        try {
            CommandResult result = new CommandRunner(prefix)
                    .run(List.of(options.getOrDefault("nft", "nft"), "list", "chains"), new byte[0], LIMITS);
            return result.succeeded()
                    ? notes(result.output(), configuration.services())
                    : List.of(unseen(result.errors().lines().findFirst().orElse("nft failed")));
        } catch (CommandException e) {
            return List.of(unseen(String.valueOf(e.getMessage())));
        }
    }

    /** Of what {@code nft list chains} says. */
    static List<String> notes(String listing, List<Service> services) {
        String ports = services.stream()
                .flatMap(s -> s.ports().stream())
                .map(Object::toString)
                .collect(Collectors.joining(", "));
        return dropping(listing).stream()
                .map(chain ->
                        "chain " + chain + " of this host drops what its rules do not accept, whatever openme opens."
                                + " See that they accept " + ports + ": nft list chain " + chain)
                .toList();
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

    private static String unseen(String why) {
        return "whether other rules of this host close the guarded ports could not be seen: "
                + why.replaceAll("[^\\x20-\\x7e]+", " ").strip();
    }
}
