package io.openme.iptables;

import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What of the table mangle matters to one owner, as {@code iptables-save} prints it.
 *
 * @param chains the owner's chains
 * @param rules the rules in these chains, in order, each beginning with {@code -A CHAIN}
 * @param jumps the rules of PREROUTING, INPUT and OUTPUT that lead to the owner's chains
 * @param first the chains of these three in which nothing but guards comes before such a rule
 * @param foreign whether there are rules of others, in any table that was listed
 */
record Mangle(Set<String> chains, List<String> rules, List<String> jumps, Set<String> first, boolean foreign) {
    static final Mangle EMPTY = new Mangle(Set.of(), List.of(), List.of(), Set.of(), false);

    private static final Pattern HOOKED = Pattern.compile("-A (PREROUTING|INPUT|OUTPUT) .*");
    private static final Set<String> GUARDED = Set.of("PREROUTING", "INPUT");
    private static final Pattern JUMP = Pattern.compile(" -[jg] (\\S+)$");
    private static final Pattern GUARD = Pattern.compile(" -m comment --comment \"?openme\"? -j \\S+$");
    private static final Pattern SET = Pattern.compile(" --match-set (\\S+) ");

    /**
     * Reads what {@code iptables-save} printed.
     *
     * @throws FirewallException if no tool can have printed it
     */
    static Mangle parse(String saved, Names names) {
        if (saved.indexOf('\0') >= 0) {
            // A rule is removed by its own words, and a tool would read those only up to here.
            throw new FirewallException(Reason.FAILED, "iptables-save printed a NUL character, which no rule can hold");
        }
        Set<String> chains = new TreeSet<>();
        List<String> rules = new ArrayList<>();
        List<String> jumps = new ArrayList<>();
        Set<String> first = new TreeSet<>();
        Map<String, Boolean> onlyGuards = new HashMap<>();
        boolean mangle = false;
        boolean foreign = false;
        for (String line : (Iterable<String>) saved.lines()::iterator) {
            if (line.startsWith("*")) {
                mangle = line.equals("*mangle");
            } else if (mangle && line.startsWith(":") && names.isOurs(word(line.substring(1)))) {
                chains.add(word(line.substring(1)));
            } else if (mangle && line.startsWith("-A ") && names.isOurs(word(line.substring(3)))) {
                rules.add(line);
            } else if (line.startsWith("-A ")) {
                Matcher hooked = HOOKED.matcher(line);
                boolean isHooked = mangle && hooked.matches();
                if (isHooked && leadsToUs(line, names)) {
                    jumps.add(line);
                    if (onlyGuards.getOrDefault(hooked.group(1), true)) {
                        first.add(hooked.group(1));
                    }
                } else {
                    foreign = true;
                    if (isHooked && !GUARD.matcher(line).find()) {
                        onlyGuards.put(hooked.group(1), false);
                    }
                }
            }
        }
        return new Mangle(chains, rules, jumps, first, foreign);
    }

    boolean isEmpty() {
        return chains.isEmpty() && jumps.isEmpty();
    }

    /** Whether PREROUTING and INPUT lead to the owner's rules before anything else can let a packet pass. */
    boolean guards() {
        return first.containsAll(GUARDED) && !rules.isEmpty();
    }

    /** Whether all rules are there that {@code iptables-restore} was given. */
    boolean holds(String given) {
        return rules.size()
                        == given.lines().filter(line -> line.startsWith("-A ")).count()
                && jumps.size()
                        == given.lines().filter(line -> line.startsWith("-I ")).count();
    }

    /** The sets that the owner's rules ask. */
    Set<String> sets() {
        return rules.stream()
                .map(SET::matcher)
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The openings among the rules. */
    Stream<PlainOpening> plainOpenings() {
        return rules.stream().map(PlainOpening::parse).flatMap(Optional::stream);
    }

    /** The same until somebody changes a rule that is no opening, or puts one before ours. */
    List<String> outline() {
        return Stream.of(
                        first.stream(),
                        jumps.stream(),
                        rules.stream().filter(rule -> PlainOpening.parse(rule).isEmpty()))
                .flatMap(lines -> lines)
                .toList();
    }

    private static boolean leadsToUs(String rule, Names names) {
        Matcher jump = JUMP.matcher(rule);
        return jump.find() && names.isOurs(jump.group(1));
    }

    private static String word(String text) {
        int end = text.indexOf(' ');
        return end < 0 ? text : text.substring(0, end);
    }
}
