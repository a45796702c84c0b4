package io.openme.policy;

import io.openme.doorman.AccessPolicy;
import io.openme.doorman.Client;
import io.openme.policy.ClientPattern.Match;
import io.openme.protocol.Refusal;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Rules of which the first that is about a client decides, alone. A client that no rule is about is refused. Immutable, pure,
 * and safe for any thread.
 *
 * <p>"About a client" looks at the client and at nothing else: not at the service, the address or the time. So one rule says
 * everything about a client, and where that rule refuses, no later one is asked.
 *
 * <p>A certificate with several common names, of which a {@code cn=} of a rule fits only some, is refused by that rule:
 * whether it grants or refuses, a guess could be the wrong one. Another pattern of the same rule that means the client
 * decides.
 */
public final class RulePolicy implements AccessPolicy {
    private final List<Rule> rules;

    private RulePolicy(List<Rule> rules) {
        this.rules = rules;
    }

    /**
     * A policy of these rules, in this order.
     *
     * @param rules at least one; no two with the same name
     * @throws IllegalArgumentException if there is none, or a name is there twice
     */
    public static RulePolicy of(List<Rule> rules) {
        if (rules.isEmpty()) {
            throw new IllegalArgumentException("a policy without a rule refuses everyone; write a rule, or take"
                    + " AccessPolicy.everyService, which lets everyone in");
        }
        Set<String> names = new HashSet<>();
        for (Rule each : rules) {
            if (!names.add(each.name())) {
                throw new IllegalArgumentException(
                        "two rules are called \"" + each.name() + "\"; give one of them another name");
            }
        }
        return new RulePolicy(List.copyOf(rules));
    }

    /** A policy of these rules, in this order: see {@link #of(List)}. */
    public static RulePolicy of(Rule... rules) {
        return of(List.of(rules));
    }

    @Override
    public Decision decide(Client client, Request request) {
        Optional<Rule> rule = ruleFor(client);
        if (rule.isEmpty()) {
            return new Decision.Refused(Refusal.NOT_PERMITTED, "no rule is about this client", Optional.empty());
        }
        if (rule.get().match(client) == Match.UNCERTAIN) {
            return rule.get()
                    .refused(
                            Refusal.NOT_PERMITTED,
                            "the certificate has several common names, and only some of them are those of the rule;"
                                    + " name it by its fingerprint");
        }
        return rule.get().decide(request);
    }

    @Override
    public boolean administers(Client client) {
        return ruleFor(client)
                .filter(Rule::administrator)
                .filter(rule -> rule.match(client) == Match.YES)
                .isPresent();
    }

    /** The rule that decides about this client; empty if none is about it. */
    public Optional<Rule> ruleFor(Client client) {
        return rules.stream().filter(rule -> rule.match(client) != Match.NO).findFirst();
    }

    /** The rules in their order. */
    public List<Rule> rules() {
        return rules;
    }
}
