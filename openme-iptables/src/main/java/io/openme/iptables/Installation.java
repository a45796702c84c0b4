package io.openme.iptables;

import io.openme.exec.backend.EarlierConnection;
import io.openme.spi.Change;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is run, and in which order, to put the guard in place.
 *
 * <p>New sets are made and filled first, beside those in use. Then one commit for each family changes over to them, rules
 * and openings at once: before it the old guard judges, after it the new one, and a failure leaves the old one. Nothing is
 * ever flushed that a packet may ask. What is not in use any more goes last.
 *
 * @param generation of the new sets
 * @param steps in their order; the guard is up when all are done
 * @param cleaning what is left to do then; a failure leaves garbage, but no opening
 */
record Installation(char generation, List<Step> steps, List<Step> cleaning) {
    /** The most rules for connections that are older than the guard. */
    static final int MOST_EARLIER_RULES = 256;

    static Installation withSets(
            Tools tools,
            Names names,
            Rules rules,
            Sets sets,
            HostState before,
            List<Change.Open> openings,
            List<EarlierConnection> earlier) {
        char generation = names.freeGeneration(before.sets());
        List<Step> steps = new ArrayList<>();
        steps.add(Tools.otherSets(sets.create(generation, openings, earlier)));
        for (Family family : Tools.families()) {
            steps.add(tools.restore(
                    family,
                    rules.install(
                            family,
                            before.ours(family),
                            rules.bySets(family, generation),
                            rules.earlierBySet(family, generation))));
        }
        return new Installation(generation, steps, cleaning(tools, before));
    }

    static Installation withRules(
            Tools tools,
            Rules rules,
            HostState before,
            List<Change.Open> openings,
            Instant now,
            List<EarlierConnection> earlier) {
        List<Step> steps = new ArrayList<>();
        for (Family family : Tools.families()) {
            List<EarlierConnection> ofFamily = earlier.stream()
                    .filter(connection -> Family.of(connection.source()) == family)
                    .limit(MOST_EARLIER_RULES)
                    .toList();
            List<PlainOpening> plain = openings.stream()
                    .filter(open -> Family.of(open.opening().source()) == family)
                    .map(open -> PlainOpening.of(open.opening(), PlainOpening.end(now, open.lifetime())))
                    .toList();
            steps.add(tools.restore(
                    family,
                    rules.install(
                            family,
                            before.ours(family),
                            Rules.byRules(plain),
                            rules.earlierByRules(family, ofFamily))));
        }
        return new Installation(' ', steps, cleaning(tools, before));
    }

    /** The very input of the tools. */
    String text() {
        return Stream.concat(steps.stream(), cleaning.stream()).map(Step::input).collect(Collectors.joining());
    }

    private static List<Step> cleaning(Tools tools, HostState before) {
        List<Step> cleaning = new ArrayList<>();
        for (Family family : Tools.families()) {
            if (!before.others(family).isEmpty()) {
                cleaning.add(tools.otherRestore(family, Rules.remove(before.others(family))));
            }
        }
        if (!before.sets().isEmpty()) {
            cleaning.add(Tools.otherSets(Sets.destroy(before.sets())));
        }
        return cleaning;
    }
}
