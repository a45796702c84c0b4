package io.openme.cli.config;

import io.openme.cli.config.Configuration.GrantSettings;
import io.openme.cli.config.Section.Value;
import io.openme.doorman.AccessPolicy.Decision.Granted;
import io.openme.internal.text.Nearest;
import io.openme.policy.ClientPattern;
import io.openme.policy.Network;
import io.openme.policy.OpensFor;
import io.openme.policy.Rule;
import io.openme.policy.RuleBuilder;
import io.openme.policy.RulePolicy;
import io.openme.policy.TimeWindow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads the rules: who may open what. */
final class PolicyReader {
    static final String KEY = "policy";

    private static final Set<String> OPENING =
            Set.of("services", "guests", "lifetime", "longest", "addresses", "rate", "times");
    static final Set<String> KEYS = Stream.concat(
                    OPENING.stream(), Stream.of("name", "clients", "refuse", "administrator"))
            .collect(Collectors.toUnmodifiableSet());
    private static final Set<String> YES = Set.of("true");
    private static final Set<String> NO = Set.of("false");
    private static final int MOST_ADDRESSES = 1_000_000;

    private final YamlFile file;
    private final Section root;
    private final Set<String> services;
    private final GrantSettings grants;

    /**
     * A reader for a file.
     *
     * @param services the names of those that are guarded
     * @param grants what bounds every rule
     */
    PolicyReader(YamlFile file, Section root, Set<String> services, GrantSettings grants) {
        this.file = file;
        this.root = root;
        this.services = services;
        this.grants = grants;
    }

    /** The rules; empty if the file has none, or was told what is wrong with them. */
    Optional<RulePolicy> read() {
        if (!root.keys().contains(KEY)) {
            return Optional.empty();
        }
        List<Section> sections = root.sections(KEY, KEYS);
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < sections.size(); i++) {
            rule(sections.get(i), "rule " + (i + 1)).ifPresent(rules::add);
        }
        if (root.isEmptyList(KEY)) {
            file.problem(
                    root.line(KEY),
                    KEY + " is an empty list; write a rule, or take the key out to let every client open everything");
        }
        // Where a rule is missing, what is wrong with it was said.
        return rules.isEmpty() || rules.size() < sections.size()
                ? Optional.empty()
                : root.convert(KEY, new Value(KEY, root.line(KEY)), key -> RulePolicy.of(rules));
    }

    private Optional<Rule> rule(Section section, String usualName) {
        String name = section.text("name").map(Value::text).orElse(usualName);
        RuleBuilder rule = Rule.builder(name);
        Optional<List<ClientPattern>> clients = section.required(
                "clients", section.list("clients", ClientPattern::parse), "clients: [cn=alice], or clients: any");
        clients.ifPresent(all -> all.forEach(rule::client));
        refuseEmpty(section, "services", section.list("services", this::service))
                .forEach(rule::service);
        refuseEmpty(section, "times", section.list("times", TimeWindow::parse)).forEach(rule::time);
        requireMore(section);
        opensFor(section).ifPresent(rule::opensFor);
        lifetimes(section, rule);
        section.value("addresses", PolicyReader::addresses).ifPresent(rule::addresses);
        section.value("rate", text -> Rates.parse(text, "10/1m"))
                .ifPresent(rate -> rule.rate(rate.count(), rate.per()));
        if (section.bool("administrator", YES, NO).orElse(false)) {
            rule.administrator();
        }
        return clients.flatMap(all -> {
            String key = all.isEmpty() ? "clients" : "name";
            return section.convert(key, new Value(name, section.line(key)), n -> rule.build());
        });
    }

    /** A file that ends before the line {@code refuse: true} is good YAML, and that rule would open everything. */
    private void requireMore(Section section) {
        if (section.keys().contains("clients")
                && section.keys().stream().noneMatch(key -> key.equals("refuse") || OPENING.contains(key))) {
            file.problem(
                    section.line("clients"),
                    section.path("clients") + ": the rule ends without a word of what these clients may do; write"
                            + " services: [" + services.stream().sorted().collect(Collectors.joining(", "))
                            + "] for what they may open, or refuse: true");
        }
    }

    private <T> List<T> refuseEmpty(Section section, String key, Optional<List<T>> values) {
        if (values.filter(List::isEmpty).isPresent()) {
            file.problem(
                    section.line(key),
                    section.path(key) + " is an empty list; take the key out for all of them, or write refuse: true");
        }
        return values.orElseGet(List::of);
    }

    private String service(String name) {
        // Without any, that is what was said.
        if (!services.isEmpty() && !services.contains(name)) {
            throw new IllegalArgumentException("there is no service \"" + name + "\""
                    + Nearest.to(name, services)
                            .map(near -> "; did you mean " + near + "?")
                            .orElseGet(() -> "; guarded are "
                                    + String.join(
                                            ", ", services.stream().sorted().toList())));
        }
        return name;
    }

    private Optional<OpensFor> opensFor(Section section) {
        Optional<List<OpensFor>> guests = section.list("guests", PolicyReader::guests);
        if (section.bool("refuse", YES, NO).orElse(false)) {
            List<String> idle =
                    section.keys().stream().filter(OPENING::contains).sorted().toList();
            if (!idle.isEmpty()) {
                file.problem(
                        section.line("refuse"),
                        section.path("refuse") + ": these clients may open nothing, so that " + String.join(", ", idle)
                                + " would mean nothing; leave out the one or the other");
            }
            return Optional.of(new OpensFor.Nobody());
        }
        return guests.flatMap(all -> together(section, all));
    }

    private Optional<OpensFor> together(Section section, List<OpensFor> guests) {
        if (guests.size() == 1) {
            return Optional.of(guests.get(0));
        }
        List<Network> networks = guests.stream()
                .filter(OpensFor.Guests.class::isInstance)
                .flatMap(each -> ((OpensFor.Guests) each).networks().stream())
                .toList();
        if (networks.isEmpty() || networks.size() < guests.size()) {
            file.problem(
                    section.line("guests"),
                    section.path("guests") + " is any, none, or a list of networks; write guests: [203.0.113.0/24]");
            return Optional.empty();
        }
        return Optional.of(new OpensFor.Guests(networks));
    }

    private static OpensFor guests(String text) {
        if (text.equals("any")) {
            return new OpensFor.Anyone();
        }
        if (text.equals("none")) {
            return new OpensFor.Itself();
        }
        Optional<String> near = Nearest.to(text, Set.of("any", "none"));
        if (near.isPresent()) {
            throw new IllegalArgumentException("\"" + text + "\" is unknown; did you mean " + near.get() + "?");
        }
        return new OpensFor.Guests(List.of(Network.parse(text)));
    }

    private void lifetimes(Section section, RuleBuilder rule) {
        Duration longest = section.duration("longest", Granted.SHORTEST, Granted.LONGEST)
                .map(most -> section.atMost("longest", most, "grants.longest", grants.longest()))
                .orElse(grants.longest());
        Duration usual = grants.lifetime().compareTo(longest) < 0 ? grants.lifetime() : longest;
        String bound = section.keys().contains("longest") ? section.path("longest") : "grants.longest";
        rule.longest(longest)
                .lifetime(section.duration("lifetime", Granted.SHORTEST, Granted.LONGEST)
                        .map(each -> section.atMost("lifetime", each, bound, longest))
                        .orElse(usual));
    }

    private static int addresses(String text) {
        int most = text.matches("[0-9]{1,7}") ? Integer.parseInt(text) : 0;
        if (most < 1 || most > MOST_ADDRESSES) {
            throw new IllegalArgumentException("\"" + text + "\" is no number of addresses; it is 1 to 1000000");
        }
        return most;
    }
}
