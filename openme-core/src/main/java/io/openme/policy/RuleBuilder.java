package io.openme.policy;

import io.openme.doorman.AccessPolicy.Limits;
import io.openme.doorman.AccessPolicy.Rate;
import io.openme.doorman.Doorman;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Fills a {@link Rule}. Each method changes one thing and returns this; not safe for several threads. */
public final class RuleBuilder {
    private final String name;
    private final List<ClientPattern> clients = new ArrayList<>();
    private final Set<String> services = new LinkedHashSet<>();
    private final List<Network> networks = new ArrayList<>();
    private final List<TimeWindow> times = new ArrayList<>();
    private @Nullable OpensFor opensFor;
    private Duration lifetime = Doorman.DEFAULT_LIFETIME;
    private @Nullable Duration longest;
    private OptionalInt addresses = OptionalInt.empty();
    private Optional<Rate> rate = Optional.empty();
    private boolean administrator;

    RuleBuilder(String name) {
        this.name = name;
    }

    /**
     * It is about the clients that this pattern means, too. There must be at least one.
     *
     * @param pattern as {@link ClientPattern#parse} takes it
     * @throws IllegalArgumentException if it is none
     */
    public RuleBuilder client(String pattern) {
        return client(ClientPattern.parse(pattern));
    }

    /** It is about the clients that this pattern means, too. */
    public RuleBuilder client(ClientPattern pattern) {
        clients.add(pattern);
        return this;
    }

    /** They may open this service, too. Default: every one. */
    public RuleBuilder service(String service) {
        services.add(service);
        return this;
    }

    /**
     * They may open for guests in this network, too. Default: for themselves only.
     *
     * @param network as {@link Network#parse} takes it
     * @throws IllegalArgumentException if it is none
     */
    public RuleBuilder guests(String network) {
        networks.add(Network.parse(network));
        return opensFor(new OpensFor.Guests(networks));
    }

    /** They may open for any guest. Replaces what was said of guests before. */
    public RuleBuilder anyGuest() {
        return opensFor(new OpensFor.Anyone());
    }

    /** They may open nothing. Replaces what was said of guests before. */
    public RuleBuilder refuse() {
        return opensFor(new OpensFor.Nobody());
    }

    /** For which addresses they may open. Default: for their own. */
    public RuleBuilder opensFor(OpensFor who) {
        opensFor = who;
        return this;
    }

    /** For how long where the client does not say. Default: {@link Doorman#DEFAULT_LIFETIME}. */
    public RuleBuilder lifetime(Duration usual) {
        lifetime = usual;
        return this;
    }

    /** The most that a client gets by asking for it. Default: the lifetime. */
    public RuleBuilder longest(Duration most) {
        longest = most;
        return this;
    }

    /** For how many addresses each of them may hold grants at once; at least 1. Default: as many as the doorman allows. */
    public RuleBuilder addresses(int most) {
        addresses = OptionalInt.of(most);
        return this;
    }

    /** How often each of them may open or renew: see {@link Rate}. Default: as often as the doorman allows. */
    public RuleBuilder rate(int count, Duration per) {
        rate = Optional.of(new Rate(count, per));
        return this;
    }

    /**
     * They may open at this time, too, and what they open closes at its end. Default: always.
     *
     * @param window as {@link TimeWindow#parse} takes it
     * @throws IllegalArgumentException if it is none
     */
    public RuleBuilder time(String window) {
        return time(TimeWindow.parse(window));
    }

    /** They may open at this time, too, and what they open closes at its end. */
    public RuleBuilder time(TimeWindow window) {
        times.add(window);
        return this;
    }

    /** They may see and close the grants of others. Default: they may not. */
    public RuleBuilder administrator() {
        administrator = true;
        return this;
    }

    /**
     * Makes the rule.
     *
     * @throws IllegalArgumentException if something is missing or out of bounds, with a message for a person
     */
    public Rule build() {
        return new Rule(
                name,
                clients,
                services,
                opensFor == null ? new OpensFor.Itself() : opensFor,
                lifetime,
                longest == null ? lifetime : longest,
                new Limits(addresses, rate),
                times,
                administrator);
    }
}
