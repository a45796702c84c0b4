package io.openme.iptables;

import io.openme.exec.backend.Changes;
import io.openme.exec.backend.EarlierConnection;
import io.openme.exec.backend.Ledger;
import io.openme.iptables.HostState.Needed;
import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.DoorLimit;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps services closed with chains of its own in the table mangle, of iptables and of ip6tables.
 *
 * <p><b>With ipset</b> an opening is an element of a set with a lifetime, and a batch of changes is one run of {@code ipset
 * restore}. <b>Without</b> an opening is a rule, and a batch writes the rules of all openings anew, by one run of {@code
 * iptables-restore} for each family that it touches; so their number is bounded.
 *
 * <p><b>Not {@link Capability#ATOMIC}:</b> each run of {@code iptables-restore} is a transaction, but the two families take
 * one each, and {@code ipset restore} stops at the first line that it can't do. What can be foreseen, such as a set that is
 * full, is refused before anything is run. What fails half done says so by its reason, and {@link #install} mends it.
 */
final class IptablesFirewall implements Firewall {
    private static final Logger LOG = LoggerFactory.getLogger(IptablesFirewall.class);

    /** More rules than that, each asked for each packet, slow the host down. */
    static final int MOST_PLAIN_OPENINGS = 1000;

    /** For the two commands that tell whether a match is known. */
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);

    /** What has more time left than this is on the host, where lifetimes are rounded down to a second. */
    private static final Duration CERTAIN = Duration.ofSeconds(2);

    /**
     * What the last install left.
     *
     * @param generation of the sets
     * @param outlines what {@link Mangle#outline} says
     */
    private record Installed(char generation, Map<Family, List<String>> outlines) {}

    private final FirewallContext context;
    private final Names names;
    private final Sets sets;
    private final Tools tools;
    private final boolean ipset;
    private final int maxOpenings;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private Rules rules;
    private Optional<Boolean> canLimit = Optional.empty();
    private Ledger ledger;
    private Optional<Installed> installed = Optional.empty();
    private boolean touched;
    private boolean warned;
    private boolean closed;

    IptablesFirewall(
            FirewallContext context,
            IptablesOptions options,
            Tools tools,
            boolean ipset,
            Clock clock,
            LongSupplier nanoTime) {
        this.context = context;
        this.names = new Names(context.owner());
        this.rules = new Rules(names, context.services());
        this.sets = new Sets(names, context.services(), options.maxOpenings());
        this.tools = tools;
        this.ipset = ipset;
        this.maxOpenings = ipset ? options.maxOpenings() : Math.min(options.maxOpenings(), MOST_PLAIN_OPENINGS);
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.ledger = new Ledger(maxOpenings, wayOut(), nanoTime);
    }

    @Override
    public Set<Capability> capabilities() {
        Set<Capability> capabilities = EnumSet.of(Capability.ENFORCING, Capability.CUT);
        if (ipset) {
            capabilities.add(Capability.KERNEL_EXPIRY);
        }
        if (canLimit.isEmpty()) {
            canLimit = Optional.of(Door.isKnown(tools.within(PROBE_TIMEOUT), names, rules));
        }
        if (canLimit.get()) {
            capabilities.add(Capability.DOOR_LIMIT);
        }
        return capabilities;
    }

    @Override
    public OptionalInt room() {
        return OptionalInt.of(maxOpenings);
    }

    @Override
    public void limitDoor(SortedSet<Integer> ports, DoorLimit limit) {
        checkOpen();
        rules = rules.limiting(Optional.of(new Door(ports, limit)));
    }

    @Override
    public void install(List<Change.Open> openings) {
        checkOpen();
        tools.requireNonePending();
        Collection<Change.Open> last = lastOf(openings);
        Ledger next = new Ledger(maxOpenings, wayOut(), nanoTime);
        next.check(last);
        next.enter(last);

        HostState before = HostState.read(tools, names, ipset ? Needed.SETS : Needed.OUR_PLANE);
        warnOfOtherPlane(before);
        List<EarlierConnection> earlier = tools.connections(rules::keepsTcp);
        Installation installation = installation(before, next.opens(), earlier);
        try {
            run(installation.steps());
        } catch (FirewallException e) {
            if (e.nothingChanged()) {
                tidy(installation.undoing());
            } else {
                installed = Optional.empty();
                free(installation.freeing());
            }
            throw e;
        }
        ledger = next;
        installed = Optional.empty();
        tidy(installation.cleaning());
        installed = Optional.of(new Installed(installation.generation(), outlines(installation)));
    }

    @Override
    public void apply(List<? extends Change> changes) {
        checkOpen();
        Collection<Change> last = lastOf(changes);
        if (last.isEmpty()) {
            return;
        }
        Installed now = installed.orElseThrow(() -> new FirewallException(
                Reason.STATE_LOST, "the guard of " + names.owner() + " is not in place; install it first"));
        ledger.check(last);
        run(ipset ? List.of(Tools.changeSets(sets.apply(now.generation(), last))) : replaceRules(last));
        ledger.enter(last);
    }

    @Override
    public Set<Opening> openings() {
        checkOpen();
        Set<Opening> openings = new HashSet<>();
        Set<String> asked = new LinkedHashSet<>();
        for (Family family : tools.families()) {
            Mangle mangle = tools.mangle(family, names);
            if (!mangle.guards()) {
                throw new FirewallException(
                        Reason.STATE_LOST, "somebody removed the guard of " + names.owner() + " from " + family.tool());
            }
            mangle.plainOpenings()
                    .filter(plain -> isGuarded(plain.opening().service()))
                    .filter(plain -> !plain.isOver(clock.instant()))
                    .forEach(plain -> openings.add(plain.opening()));
            mangle.sets().stream().filter(set -> !names.isEarlierSet(set)).forEach(asked::add);
        }
        if (!asked.isEmpty()) {
            openings.addAll(sets.openings(tools.readSets(Sets.save(asked))));
        }
        return openings;
    }

    @Override
    public String preview(List<Change.Open> openings) {
        Collection<Change.Open> last = lastOf(openings);
        HostState before = HostState.EMPTY;
        try {
            before = HostState.read(tools, names, Needed.OUR_PLANE);
        } catch (FirewallException e) {
            LOG.debug("previewing as for a host without a guard: {}", e.getMessage());
        }
        return installation(before, last, tools.connections(rules::keepsTcp)).text();
    }

    @Override
    public boolean intact() {
        checkOpen();
        // A family that the kernel has learned since is open.
        if (installed.isEmpty() || !installed.get().outlines().keySet().equals(Set.copyOf(tools.families()))) {
            return false;
        }
        for (Map.Entry<Family, List<String>> outline :
                installed.get().outlines().entrySet()) {
            if (!tools.mangle(outline.getKey(), names).outline().equals(outline.getValue())) {
                return false;
            }
        }
        return !ipset || areSound(installed.get().generation());
    }

    @Override
    public void uninstall() {
        tools.requireNonePending();
        HostState before = HostState.read(tools, names, Needed.EVERYTHING);
        installed = Optional.empty();
        ledger.clear();
        run(Installation.removal(tools, before));
        // Nothing is left for close() to leave as it should be.
        touched = false;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (touched) {
            // Whoever listens there next is not the doorman.
            rules = rules.limiting(Optional.empty());
            switch (context.onClose()) {
                // Written anew rather than flushed: the guard is to stay, even if somebody removed it.
                case KEEP_GUARD -> install(List.of());
                case REMOVE -> uninstall();
            }
        }
        closed = true;
        ledger.clear();
    }

    private Installation installation(
            HostState before, Collection<Change.Open> openings, List<EarlierConnection> earlier) {
        return ipset
                ? Installation.withSets(tools, names, rules, sets, before, openings, earlier)
                : Installation.withRules(tools, rules, before, openings, clock.instant(), earlier);
    }

    private List<Step> replaceRules(Collection<Change> changes) {
        Map<Opening, Duration> open = ledger.open();
        Set<Family> families = EnumSet.noneOf(Family.class);
        for (Change change : changes) {
            families.add(Family.of(change.opening().source()));
            if (change instanceof Change.Open opened) {
                open.put(opened.opening(), opened.lifetime());
            } else {
                open.remove(change.opening());
            }
        }
        List<PlainOpening> plain = open.entrySet().stream()
                .map(entry -> PlainOpening.of(entry.getKey(), entry.getValue(), clock.instant()))
                .toList();
        return families.stream()
                .map(family -> tools.restore(family, rules.replaceOpenings(family, Rules.byRules(family, plain))))
                .toList();
    }

    /** Runs steps in their order; if one fails, those after it are not run. */
    private void run(List<Step> steps) {
        boolean changed = false;
        for (Step step : steps) {
            try {
                tools.run(step);
                changed |= step.inUse();
            } catch (FirewallException e) {
                touched |= changed || !e.nothingChanged();
                throw changed && e.nothingChanged()
                        ? new FirewallException(Reason.FAILED, e.getMessage() + "; a part of it is done", e)
                        : e;
            }
        }
        touched = true;
    }

    /** Removes what lets nobody through; what it can't remove now, the next install will. */
    private void tidy(List<Step> steps) {
        for (Step step : steps) {
            try {
                tools.run(step);
            } catch (FirewallException e) {
                LOG.warn("Something that is not in use any more is left on the host: {}", e.getMessage());
            }
        }
    }

    /**
     * Destroys the sets that are not in use, so that no number of failures takes all names for new ones. That a set is in use
     * can't be known by what is done and what is not; the kernel knows it.
     */
    private void free(List<Step> steps) {
        for (Step step : steps) {
            try {
                tools.run(step);
            } catch (FirewallException e) {
                LOG.debug("A set is left on the host: {}", e.getMessage());
                if (!e.nothingChanged()) {
                    return; // The tool does not work, or not in time.
                }
            }
        }
    }

    /** Somebody may have been at it since the commit: what is gone by now would never be missed. */
    private Map<Family, List<String>> outlines(Installation installation) {
        Map<Family, List<String>> outlines = new EnumMap<>(Family.class);
        for (Family family : tools.families()) {
            Mangle mangle = tools.mangle(family, names);
            if (!mangle.guards() || !mangle.holds(installation.text(family))) {
                throw new FirewallException(
                        Reason.STATE_LOST,
                        "somebody removed rules of " + names.owner() + " from " + family.tool()
                                + " as soon as they were there");
            }
            outlines.put(family, mangle.outline());
        }
        return outlines;
    }

    private boolean areSound(char generation) {
        try {
            String heads = tools.readSets(Sets.heads(sets.names(generation)));
            // After the host was asked: what ended meanwhile is not missed.
            List<Opening> certain = ledger.open().entrySet().stream()
                    .filter(entry -> entry.getValue().compareTo(CERTAIN) > 0)
                    .map(Map.Entry::getKey)
                    .toList();
            return sets.holdAll(heads, generation, certain);
        } catch (FirewallException e) {
            if (e.reason() == Reason.STATE_LOST) {
                return false;
            }
            throw e;
        }
    }

    private void warnOfOtherPlane(HostState before) {
        if (before.isInOtherPlane()) {
            LOG.warn(
                    "iptables-{} holds a guard of {}, too, of a run with another variant; removing it",
                    tools.plane().other(),
                    names.owner());
        }
        if (before.hasForeignRulesInOtherPlane() && !warned) {
            warned = true;
            LOG.warn(
                    "This host has rules in both planes of iptables, and both judge each packet: ours are in iptables-{},"
                            + " others in iptables-{}",
                    tools.plane(),
                    tools.plane().other());
        }
    }

    private <C extends Change> Collection<C> lastOf(Collection<? extends C> changes) {
        return Changes.<C>lastOfEach(context.services(), changes).values();
    }

    private boolean isGuarded(String service) {
        return context.services().stream().anyMatch(guarded -> guarded.name().equals(service));
    }

    private String wayOut() {
        return maxOpenings == MOST_PLAIN_OPENINGS && !ipset
                ? "without ipset there can't be more"
                : "raise the option max-openings";
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("this firewall is closed");
        }
    }
}
