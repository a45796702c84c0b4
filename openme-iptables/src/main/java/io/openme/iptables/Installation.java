package io.openme.iptables;

import io.openme.exec.backend.EarlierConnection;
import io.openme.spi.Change;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
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
 * @param cleaning what is left to do then; a failure leaves what lets nobody through
 * @param undoing what to do if nothing of the steps took effect
 * @param freeing what to do if a part of them did: each destroys one set, and fails if that is in use
 */
record Installation(char generation, List<Step> steps, List<Step> cleaning, List<Step> undoing, List<Step> freeing) {
    /** The most rules for connections that are older than the guard. */
    static final int MOST_EARLIER_RULES = 256;

    static Installation withSets(
            Tools tools,
            Names names,
            Rules rules,
            Sets sets,
            HostState before,
            Collection<Change.Open> openings,
            List<EarlierConnection> earlier) {
        char generation = names.freeGeneration(before.sets());
        List<Step> steps = new ArrayList<>();
        steps.add(Tools.newSets(sets.create(generation, openings, earlier)));
        for (Family family : tools.families()) {
            steps.add(tools.restore(
                    family,
                    rules.install(
                            family,
                            before.ours(family),
                            rules.bySets(family, generation),
                            rules.earlierBySet(family, generation))));
        }
        List<String> made = sets.allNames(generation);
        return new Installation(
                generation,
                steps,
                cleaning(tools, before),
                List.of(Tools.otherSets(Sets.destroy(made))),
                Stream.concat(before.sets().stream(), made.stream())
                        .map(set -> Tools.otherSets(Sets.destroy(List.of(set))))
                        .toList());
    }

    static Installation withRules(
            Tools tools,
            Rules rules,
            HostState before,
            Collection<Change.Open> openings,
            Instant now,
            List<EarlierConnection> earlier) {
        List<Step> steps = new ArrayList<>();
        List<PlainOpening> plain = openings.stream()
                .map(open -> PlainOpening.of(open.opening(), open.lifetime(), now))
                .toList();
        for (Family family : tools.families()) {
            List<EarlierConnection> ofFamily = earlier.stream()
                    .filter(connection -> Family.of(connection.source()) == family)
                    .limit(MOST_EARLIER_RULES)
                    .toList();
            steps.add(tools.restore(
                    family,
                    rules.install(
                            family,
                            before.ours(family),
                            Rules.byRules(family, plain),
                            rules.earlierByRules(family, ofFamily))));
        }
        return new Installation(' ', steps, cleaning(tools, before), List.of(), List.of());
    }

    /** What is run to leave nothing of the owner. */
    static List<Step> removal(Tools tools, HostState before) {
        List<Step> steps = new ArrayList<>();
        for (Family family : tools.families()) {
            if (!before.ours(family).isEmpty()) {
                steps.add(tools.restore(family, Rules.remove(before.ours(family))));
            }
        }
        steps.addAll(cleaning(tools, before));
        return steps;
    }

    /** The very input of the tools. */
    String text() {
        return Stream.concat(steps.stream(), cleaning.stream()).map(Step::input).collect(Collectors.joining());
    }

    /** The input of the tool for this family. */
    String text(Family family) {
        return steps.stream()
                .filter(step -> step.command().get(0).startsWith(family.tool()))
                .map(Step::input)
                .collect(Collectors.joining());
    }

    private static List<Step> cleaning(Tools tools, HostState before) {
        List<Step> cleaning = new ArrayList<>();
        for (Family family : tools.families()) {
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
