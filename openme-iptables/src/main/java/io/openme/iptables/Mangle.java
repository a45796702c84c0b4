package io.openme.iptables;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What of the table mangle matters to one owner, as {@code iptables-save} prints it.
 *
 * @param chains the owner's chains
 * @param rules the rules in these chains, in order, each beginning with {@code -A CHAIN}
 * @param jumps the rules of PREROUTING that lead to the owner's chains
 * @param first whether nothing but guards comes before the first of these jumps
 * @param foreign whether there are rules of others, in any table that was listed
 */
record Mangle(Set<String> chains, List<String> rules, List<String> jumps, boolean first, boolean foreign) {
    static final Mangle EMPTY = new Mangle(Set.of(), List.of(), List.of(), false, false);

    private static final String PREROUTING = "-A PREROUTING ";
    private static final Pattern JUMP = Pattern.compile(" -[jg] (\\S+)$");
    private static final Pattern GUARD = Pattern.compile(" -m comment --comment \"?openme\"? -j \\S+$");
    private static final Pattern SET = Pattern.compile(" --match-set (\\S+) ");

    static Mangle parse(String saved, Names names) {
        Set<String> chains = new TreeSet<>();
        List<String> rules = new ArrayList<>();
        List<String> jumps = new ArrayList<>();
        boolean mangle = false;
        boolean onlyGuards = true;
        boolean first = false;
        boolean foreign = false;
        for (String line : (Iterable<String>) saved.lines()::iterator) {
            if (line.startsWith("*")) {
                mangle = line.equals("*mangle");
            } else if (mangle && line.startsWith(":") && names.isOurs(word(line.substring(1)))) {
                chains.add(word(line.substring(1)));
            } else if (mangle && line.startsWith("-A ") && names.isOurs(word(line.substring(3)))) {
                rules.add(line);
            } else if (mangle && line.startsWith(PREROUTING) && leadsToUs(line, names)) {
                first |= jumps.isEmpty() && onlyGuards;
                jumps.add(line);
            } else if (line.startsWith("-A ")) {
                foreign = true;
                onlyGuards &= !(mangle && line.startsWith(PREROUTING))
                        || GUARD.matcher(line).find();
            }
        }
        return new Mangle(chains, rules, jumps, first, foreign);
    }

    boolean isEmpty() {
        return chains.isEmpty() && jumps.isEmpty();
    }

    /** Whether PREROUTING leads to the owner's rules before anything else can let a packet pass. */
    boolean guards() {
        return first && !rules.isEmpty();
    }

    /** The sets that the owner's rules ask. */
    Set<String> sets() {
        return rules.stream()
                .map(SET::matcher)
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The same until somebody changes a rule that is no opening. */
    Optional<List<String>> outline() {
        return guards()
                ? Optional.of(rules.stream()
                        .filter(rule -> PlainOpening.parse(rule).isEmpty())
                        .toList())
                : Optional.empty();
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
