package io.openme.nftables;

import io.openme.exec.backend.HostAddress;
import io.openme.exec.backend.Sign;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import io.openme.spi.Service;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads the openings out of nft's listing of our table. Knows the shape of that one table, and refuses any other. */
final class Listing {
    // A set begins, says what it is, and has its elements in inner braces, or none.
    private static final Pattern SET =
            Pattern.compile("^\\s*set (\\S+) \\{([^{}]*+)(?:\\{([^{}]*+)\\})?+", Pattern.MULTILINE);
    private static final Pattern ELEMENT = Pattern.compile("\\s*([0-9a-f:.]+) timeout \\S+ expires \\S+\\s*");
    private static final Pattern HOOK = Pattern.compile("type filter hook (\\S+) priority ");
    private static final Set<String> HOOKS = Set.of("prerouting", "input");
    private static final Pattern COMMA = Pattern.compile(",");

    private Listing() {}

    static Set<Opening> openings(String listing, Ruleset ruleset) {
        if (!HOOKS.equals(HOOK.matcher(listing)
                .results()
                .map(hook -> hook.group(1))
                .filter(HOOKS::contains)
                .collect(Collectors.toSet()))) {
            throw new FirewallException(Reason.STATE_LOST, "somebody removed the guard from table " + ruleset.table());
        }
        Set<Opening> openings = new HashSet<>();
        Matcher set = SET.matcher(listing);
        while (set.find()) {
            String name = set.group(1);
            Optional<Service> service = ruleset.services().stream()
                    .filter(candidate -> ruleset.isSetOf(name, candidate))
                    .findFirst();
            String elements = set.group(3);
            if (service.isPresent() && elements != null) {
                String of = service.get().name();
                COMMA.splitAsStream(elements).forEach(element -> openings.add(new Opening(source(element), of)));
            }
        }
        return openings;
    }

    /** How many rules the chains hold, in nft's words or in ours: at least a line for each. */
    static long rules(String table) {
        long rules = 0;
        boolean inChain = false;
        for (String line : table.lines().map(String::strip).toList()) {
            if (line.startsWith("chain ")) {
                inChain = true;
            } else if (line.equals("}")) {
                inChain = false;
            } else if (inChain && !line.isEmpty() && !HOOK.matcher(line).find()) {
                rules++;
            }
        }
        return rules;
    }

    private static InetAddress source(String element) {
        Matcher matcher = ELEMENT.matcher(element);
        if (!matcher.matches()) {
            throw new FirewallException(
                    Reason.FAILED, "nft lists an element that is none of ours: " + Sign.clean(element));
        }
        return HostAddress.parse(matcher.group(1))
                .orElseThrow(() ->
                        new FirewallException(Reason.FAILED, "nft lists what is no address: " + Sign.clean(element)));
    }
}
