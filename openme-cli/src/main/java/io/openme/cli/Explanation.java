package io.openme.cli;

import io.openme.cli.config.Configuration;
import io.openme.cli.config.Durations;
import io.openme.doorman.AccessPolicy;
import io.openme.doorman.AccessPolicy.Decision;
import io.openme.doorman.AccessPolicy.Decision.Granted;
import io.openme.doorman.AccessPolicy.Decision.Refused;
import io.openme.doorman.AccessPolicy.Limits;
import io.openme.doorman.AccessPolicy.Rate;
import io.openme.doorman.GuestAddress;
import io.openme.policy.ClientPattern;
import io.openme.policy.ClientPattern.Kind;
import io.openme.policy.Rule;
import io.openme.policy.RulePolicy;
import io.openme.policy.TimeWindow;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Refusal;
import io.openme.spi.Service;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a client could do, for people and for programs.
 *
 * @param rule that decides; empty if there are none, or none is about the client
 * @param overlooked rules before it that look at what an assumed certificate has not
 * @param usualRate how often it may open where its rule does not say
 */
record Explanation(
        ExplainedClient whom,
        Instant at,
        boolean hasRules,
        Optional<Rule> rule,
        List<Rule> overlooked,
        boolean administrator,
        Optional<Rate> usualRate,
        List<Answer> answers) {
    /** No rule looks at the address of a client that opens for itself; this one is for examples (RFC 5737). */
    private static final InetAddress SOMEWHERE = IpLiteral.parse("192.0.2.1").orElseThrow();

    private static final String ITSELF = "itself";

    /** What the client gets if it does not say how long, and if it asks for as long as possible. */
    record Answer(String service, String address, Decision usual, Decision most) {
        boolean granted() {
            return usual instanceof Granted;
        }
    }

    static Explanation of(
            Configuration configuration, ExplainedClient whom, Optional<InetAddress> address, Instant at) {
        List<Answer> answers = new ArrayList<>();
        for (String service :
                configuration.services().stream().map(Service::name).toList()) {
            answers.add(answer(configuration, whom, service, Optional.empty(), at));
            address.ifPresent(guest -> answers.add(answer(configuration, whom, service, Optional.of(guest), at)));
        }
        Optional<RulePolicy> policy = configuration.policy();
        Optional<Rule> rule = policy.flatMap(rules -> rules.ruleFor(whom.client()));
        List<Rule> before = policy.map(RulePolicy::rules).orElse(List.of()).stream()
                .takeWhile(each -> !each.equals(rule.orElse(null)))
                .toList();
        return new Explanation(
                whom,
                at,
                policy.isPresent(),
                rule,
                whom.assumed()
                        ? before.stream()
                                .filter(each -> !unseen(each).isEmpty())
                                .toList()
                        : List.of(),
                whom.distrust().isEmpty() && configuration.accessPolicy().administers(whom.client()),
                configuration.grants().rate(),
                answers);
    }

    private static Answer answer(
            Configuration configuration,
            ExplainedClient whom,
            String service,
            Optional<InetAddress> guest,
            Instant at) {
        return new Answer(
                service,
                guest.map(IpLiteral::format).orElse(ITSELF),
                decide(configuration.accessPolicy(), whom, request(service, guest, Optional.empty(), at)),
                decide(configuration.accessPolicy(), whom, request(service, guest, Optional.of(Granted.LONGEST), at)));
    }

    private static AccessPolicy.Request request(
            String service, Optional<InetAddress> guest, Optional<Duration> lifetime, Instant at) {
        return new AccessPolicy.Request(
                guest.orElse(SOMEWHERE), guest.isPresent(), Set.of(service), true, lifetime, at);
    }

    /** As the doorman does it: what no policy is asked about comes first. */
    private static Decision decide(AccessPolicy policy, ExplainedClient whom, AccessPolicy.Request request) {
        if (whom.distrust().isPresent()) {
            return new Refused(Refusal.NOT_TRUSTED, whom.distrust().get(), Optional.empty());
        }
        Optional<String> objection = Optional.of(request)
                .filter(AccessPolicy.Request::guest)
                .flatMap(guest -> GuestAddress.objection(guest.address()));
        return objection
                .<Decision>map(reason -> new Refused(Refusal.BAD_ADDRESS, reason, Optional.empty()))
                .orElseGet(() -> policy.decide(whom.client(), request));
    }

    /** Whether it may open something now. */
    boolean mayOpen() {
        return answers.stream().anyMatch(Answer::granted);
    }

    void print(PrintWriter out) {
        out.println("What " + name() + " could do at " + at);
        if (whom.assumed()) {
            line(out, "assumed", "a certificate with this common name and nothing else");
            overlooked.forEach(each -> line(
                    out,
                    "",
                    "not matched for that: rule \"" + each.name() + "\", which is about "
                            + String.join(", ", unseen(each))));
        } else {
            line(
                    out,
                    "certificate",
                    whom.distrust()
                            .map(reason -> "REFUSED: " + reason)
                            .orElseGet(() -> "trusted, and no grant outlives "
                                    + whom.client().certificate().getNotAfter().toInstant()));
        }
        line(out, "decided by", decidedBy());
        rule.ifPresent(decider -> print(out, decider));
        line(out, "administrator", administrator ? "yes: sees and closes the grants of others" : "no");
        out.println();
        int widest =
                answers.stream().mapToInt(each -> each.service.length()).max().orElse(0);
        for (Answer each : answers) {
            out.printf(Locale.ROOT, "  %-" + widest + "s for %-15s %s%n", each.service, each.address, text(each));
        }
        out.flush();
    }

    private void print(PrintWriter out, Rule decider) {
        line(out, "opens for", decider.opensFor().toString());
        line(
                out,
                "addresses",
                addresses(decider.limits()).map(n -> n + " at once").orElse("as many as it likes"));
        line(out, "rate", rate(decider.limits()).orElse("as often as it likes"));
        if (!decider.times().isEmpty()) {
            line(
                    out,
                    "times",
                    String.join(", ", times(decider)) + (decider.isOpen(at) ? ", which is now" : ", NOT now"));
        }
    }

    private static void line(PrintWriter out, String what, String text) {
        out.printf(Locale.ROOT, "  %-13s %s%n", what, text);
    }

    private String name() {
        return whom.assumed() ? whom.client().name() : whom.client().toString();
    }

    private String decidedBy() {
        if (!hasRules) {
            return "no rule: without a policy every client may open everything";
        }
        return rule.map(decider -> "rule \"" + decider.name() + "\", which is about "
                        + String.join(", ", texts(decider, pattern -> true)))
                .orElse("no rule: none is about this client, so it is refused");
    }

    private static String text(Answer answer) {
        if (answer.usual instanceof Granted usual && answer.most instanceof Granted most) {
            return "yes, for " + Durations.format(usual.lifetime())
                    + (most.lifetime().compareTo(usual.lifetime()) > 0
                            ? ", up to " + Durations.format(most.lifetime()) + " if it asks"
                            : "");
        }
        Refused refused = (Refused) answer.usual;
        return "NO, " + refused.why() + ": " + refused.reason();
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("client", whom.client().name());
        map.put("assumed", whom.assumed());
        if (!whom.assumed()) {
            map.put("fingerprint", whom.client().fingerprint());
            map.put("trusted", whom.distrust().isEmpty());
            whom.distrust().ifPresent(reason -> map.put("distrust", reason));
            map.put("certificateEnds", whom.client().certificate().getNotAfter().toInstant());
        }
        map.put("at", at);
        map.put("mayOpen", mayOpen());
        map.put("administrator", administrator);
        map.put("notMatched", overlooked.stream().map(Rule::name).toList());
        rule.ifPresent(decider -> {
            map.put("rule", decider.name());
            map.put("clients", texts(decider, pattern -> true));
            map.put("opensFor", decider.opensFor());
            addresses(decider.limits()).ifPresent(most -> map.put("addresses", most));
            rate(decider.limits()).ifPresent(often -> map.put("rate", often));
            map.put("times", times(decider));
            map.put("open", decider.isOpen(at));
        });
        map.put("answers", answers.stream().map(Explanation::toMap).toList());
        return map;
    }

    private static Map<String, Object> toMap(Answer answer) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("service", answer.service);
        map.put("for", answer.address);
        map.put("granted", answer.granted());
        if (answer.usual instanceof Granted usual && answer.most instanceof Granted most) {
            map.put("lifetimeSeconds", usual.lifetime().toSeconds());
            map.put("longestSeconds", most.lifetime().toSeconds());
        } else if (answer.usual instanceof Refused refused) {
            map.put("refusal", refused.why());
            map.put("reason", refused.reason());
        }
        return map;
    }

    private static Optional<Integer> addresses(Limits limits) {
        return limits.addresses().stream().boxed().findFirst();
    }

    private Optional<String> rate(Limits limits) {
        return limits.rate().or(() -> usualRate).map(Explanation::text);
    }

    private static String text(Rate rate) {
        return rate.count() + "/" + Durations.format(rate.per());
    }

    private static List<String> times(Rule rule) {
        return rule.times().stream().map(TimeWindow::toString).toList();
    }

    private static List<String> unseen(Rule rule) {
        return texts(rule, pattern -> pattern.kind() != Kind.ANY && pattern.kind() != Kind.CN);
    }

    private static List<String> texts(Rule rule, Predicate<ClientPattern> which) {
        return rule.clients().stream()
                .filter(which)
                .map(ClientPattern::toString)
                .toList();
    }
}
