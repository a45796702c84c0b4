package io.openme.nftables;

import io.openme.exec.backend.Changes;
import io.openme.exec.backend.EarlierConnection;
import io.openme.exec.backend.Ledger;
import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.DoorLimit;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallException;
import io.openme.spi.Opening;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.LongSupplier;

/**
 * Keeps services closed with a table of its own, by {@code nft -f -}: one process and one transaction a call.
 *
 * <p><b>Renewal.</b> What adding an element again does depends on the kernel: before 6.12 it changes nothing, and from
 * then on it sets the new timeout, but only if that differs from the old one. {@code add; delete; add} in one transaction
 * is right on all of them and drops no packet, but a delete keeps a fresh nft process 10 to 20 ms longer, until all
 * processors have let go of the old element. So this remembers what it has opened and until when: what was never opened
 * costs a plain {@code add}, some 3 ms, and only what can still be there goes the long way.
 *
 * <p><b>Installing anew.</b> Replacing a table by itself is one transaction, but no packet sees it so: one that is past the new
 * hook when the kernel changes over meets the old one without its rules, and passes both - and what it begins is established
 * from then on. So a stand-in, a table of the same rules, is there before the guard is replaced and goes after it. A packet
 * has to pass every table, so meanwhile only what is open before and afterwards gets through.
 *
 * <p><b>Lifetimes</b> are counted by the kernel from its commit, which comes later than the call by the run time of nft,
 * at most the configured timeout.
 */
final class NftablesFirewall implements Firewall {
    /** By how much the kernel's clock and ours may differ before a forgotten element could be there still. */
    private static final Duration CLOCK_SLACK = Duration.ofSeconds(5);

    private static final int SMALL = 1024;

    private final FirewallContext context;
    private final Nft nft;
    private final LongSupplier nanoTime;
    private final int maxOpenings;
    private final Map<Opening, Long> knownUntil = new HashMap<>();
    private Ruleset ruleset;
    private Ruleset standIn;
    private Optional<Door.Known> known = Optional.empty();
    private Ledger ledger;
    private int forgetAbove = SMALL;
    private String installed = "";
    private boolean touched;
    /** Whether the host may have the stand-in: an earlier run may have left it. */
    private boolean standingIn = true;

    private boolean closed;

    NftablesFirewall(FirewallContext context, NftablesOptions options, LongSupplier nanoTime) {
        this.context = context;
        this.ruleset = new Ruleset(context, options.setSize());
        this.standIn = ruleset.standIn();
        this.maxOpenings = options.maxOpenings();
        this.nft = new Nft(options);
        this.nanoTime = nanoTime;
        this.ledger = newLedger();
    }

    @Override
    public Set<Capability> capabilities() {
        return known() == Door.Known.NOTHING
                ? EnumSet.complementOf(EnumSet.of(Capability.DOOR_LIMIT))
                : EnumSet.allOf(Capability.class);
    }

    private Door.Known known() {
        if (known.isEmpty()) {
            known = Optional.of(Door.known(ruleset, nft));
        }
        return known.get();
    }

    @Override
    public OptionalInt room() {
        return OptionalInt.of(maxOpenings);
    }

    @Override
    public void limitDoor(SortedSet<Integer> ports, DoorLimit limit) {
        checkOpen();
        limit(Optional.of(new Door(ports, limit, known() == Door.Known.ALL)));
    }

    private void limit(Optional<Door> door) {
        ruleset = ruleset.limiting(door);
        standIn = ruleset.standIn();
    }

    @Override
    public void install(List<Change.Open> openings) {
        checkOpen();
        nft.requireNonePending();
        Collection<Change.Open> last = lastOfEach(openings).values();
        Ledger next = newLedger();
        next.check(last);
        next.enter(last);
        List<EarlierConnection> earlier = nft.connections(ruleset::keepsTcp);
        String script = replace(next.opens(), earlier);
        ledger = next;
        knownUntil.clear();
        last.forEach(this::remember);
        String outline = nft.outline(ruleset.table()).orElse("");
        // Somebody may have been at it since the commit: what is gone by now would never be missed.
        if (Listing.rules(outline) < Listing.rules(script)) {
            throw new FirewallException(
                    FirewallException.Reason.STATE_LOST,
                    "somebody removed rules from table " + ruleset.table() + " as soon as they were there");
        }
        installed = outline;
    }

    /** Puts the guard in the place of what is there; the script that did it. */
    private String replace(Collection<Change.Open> openings, List<EarlierConnection> earlier) {
        String script = ruleset.install(openings, earlier);
        if (nft.outline(ruleset.table()).isEmpty()) {
            change(script);
        } else {
            standingIn = true;
            change(standIn.install(openings, earlier));
            try {
                change(script);
            } catch (FirewallException e) {
                if (e.nothingChanged()) {
                    endStandIn(e);
                }
                throw e;
            }
        }
        if (standingIn) {
            change(standIn.remove());
            standingIn = false;
        }
        return script;
    }

    private void endStandIn(FirewallException cause) {
        try {
            change(standIn.remove());
            standingIn = false;
        } catch (FirewallException e) {
            cause.addSuppressed(e);
        }
    }

    @Override
    public void apply(List<? extends Change> changes) {
        checkOpen();
        Collection<? extends Change> last = lastOfEach(changes).values();
        if (last.isEmpty()) {
            return;
        }
        ledger.check(last);
        Elements elements = new Elements(ruleset.table());
        last.forEach(change -> write(change, elements));
        forget();
        // What may have been committed is remembered, too: that costs at most a longer way the next time.
        last.forEach(this::remember);
        change(elements.text());
        ledger.enter(last);
        last.stream().filter(Change.Close.class::isInstance).forEach(change -> knownUntil.remove(change.opening()));
    }

    @Override
    public Set<Opening> openings() {
        checkOpen();
        return Listing.openings(nft.list(ruleset.table()), ruleset);
    }

    @Override
    public String preview(List<Change.Open> openings) {
        return ruleset.install(lastOfEach(openings).values(), nft.connections(ruleset::keepsTcp));
    }

    @Override
    public boolean intact() {
        checkOpen();
        return nft.outline(ruleset.table()).filter(installed::equals).isPresent();
    }

    @Override
    public void uninstall() {
        change(ruleset.remove() + standIn.remove());
        knownUntil.clear();
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
            limit(Optional.empty());
            switch (context.onClose()) {
                // Written anew rather than flushed: the guard is to stay, even if somebody removed it.
                case KEEP_GUARD -> replace(List.of(), nft.connections(ruleset::keepsTcp));
                case REMOVE -> change(ruleset.remove() + standIn.remove());
            }
        }
        closed = true;
        knownUntil.clear();
    }

    private void change(String script) {
        try {
            nft.apply(script);
            touched = true;
        } catch (FirewallException e) {
            touched |= !e.nothingChanged();
            throw e;
        }
    }

    private <C extends Change> Map<Opening, C> lastOfEach(Collection<? extends C> changes) {
        return Changes.lastOfEach(ruleset.services(), changes);
    }

    private void write(Change change, Elements elements) {
        if (!(change instanceof Change.Open open) || Lifetime.isOver(open.lifetime())) {
            elements.close(change.opening());
        } else if (knownUntil.containsKey(open.opening())) {
            elements.renew(open);
        } else {
            elements.open(open);
        }
    }

    private void remember(Change change) {
        if (change instanceof Change.Open open) {
            long until = nanoTime.getAsLong()
                    + Lifetime.bounded(open.lifetime()).plus(CLOCK_SLACK).toNanos();
            knownUntil.merge(open.opening(), until, Math::max);
        }
    }

    /** Forgets what is over, each time that the memory has doubled. */
    private void forget() {
        if (knownUntil.size() > forgetAbove) {
            long now = nanoTime.getAsLong();
            knownUntil.values().removeIf(until -> until - now < 0);
            forgetAbove = Math.max(SMALL, 2 * knownUntil.size());
        }
    }

    private Ledger newLedger() {
        return new Ledger(maxOpenings, "raise the option max-openings", nanoTime);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("this firewall is closed");
        }
    }
}
