package io.openme.internal.writer;

import io.openme.doorman.Client;
import io.openme.internal.grants.Grant;
import io.openme.internal.grants.GrantTable;
import io.openme.protocol.Refusal;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the firewall to what the grants say, and says so when it is there.
 *
 * <p>Everything that touches the firewall or the grants runs on one thread, the executor's. What arrives while a
 * transaction is under way waits, and goes into the next as one (group commit): a busy doorman pays for one transaction,
 * not for one each knock. A future is completed after the commit, so an {@code OK} follows the kernel.
 *
 * <p>After a failure that leaves the host's state unknown, the next transaction is an install of everything that is
 * wanted: the next knock makes it, or a timer does when none comes. The same happens when somebody else has changed our
 * part of the firewall, which is looked at every so often. While a command that was given up can still do its work, nothing
 * is changed, and every request fails: what is installed then is installed last.
 */
public final class FirewallWriter {
    private static final Logger LOG = LoggerFactory.getLogger(FirewallWriter.class);
    private static final int MOST_WAITING = 8192;
    private static final int MOST_AT_ONCE = 512;
    private static final Duration FIRST_RETRY = Duration.ofMillis(250);
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);

    private final Firewall firewall;
    private final GrantTable table;
    private final Clock clock;
    private final ScheduledExecutorService executor;
    private final Events events;
    private final Duration watchInterval;
    private final Consumer<GrantTable.Committed> memory;
    private final Consumer<Throwable> broken;
    private final BlockingQueue<Pending> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final AtomicBoolean drainRequested = new AtomicBoolean();

    private final AtomicInteger undecided = new AtomicInteger();
    private volatile boolean closed;
    private volatile boolean inOrder;

    // The rest belongs to the executor's thread.
    private final Troubles refusals = new Troubles("The firewall refused a change, the knock gets KO");
    private final Troubles troubles = new Troubles("The firewall failed");
    /** What is being decided. Left over only where not even a failure could be told. */
    private final List<Pending> batch = new ArrayList<>(MOST_AT_ONCE);

    private boolean installed;
    private boolean uncertain;
    private boolean drifted;
    private boolean busy;
    private boolean firewallClosed;
    private int failures;
    private Instant retryAt = Instant.MAX;
    /** Requests whose change may be on the host although it failed: they hear of it when it certainly is not. */
    private final List<Pending> unknown = new ArrayList<>();
    /** What is to become of grants with the next transaction that the firewall takes. */
    private final Map<Grant, Verdict> revisions = new HashMap<>();

    private final List<CompletableFuture<Integer>> revising = new ArrayList<>();

    private @Nullable ScheduledFuture<?> alarm;
    private @Nullable ScheduledFuture<?> nextWatch;

    /** What somebody wants of the firewall. */
    public sealed interface Request {
        /**
         * Grant these openings, or renew them.
         *
         * @param client whose grants they become
         * @param openings what to admit
         * @param lifetime counted from the transaction's begin
         * @param terms on which terms
         */
        record Open(Client client, List<Opening> openings, Duration lifetime, Terms terms) implements Request {}

        /**
         * Take grants of a client back.
         *
         * @param client whose grants
         * @param which of them
         * @param by who asks for it
         * @param peer from where
         * @param current asked right before the transaction: whether what allowed it is still in force
         */
        record Close(Client client, Predicate<Opening> which, Client by, InetAddress peer, BooleanSupplier current)
                implements Request {}
    }

    /**
     * On which terms something is opened.
     *
     * @param peer where the command came from
     * @param rule which rule of the policy allows it
     * @param guest whether the client named the address, rather than come from it
     * @param mostAddresses for how many addresses the client may hold grants
     * @param replaced what closes in the same step
     * @param onlyHeld whether it is to prolong what the client holds, and nothing else
     * @param current asked right before the transaction: whether what allowed it is still in force
     */
    public record Terms(
            InetAddress peer,
            Optional<String> rule,
            boolean guest,
            OptionalInt mostAddresses,
            List<Opening> replaced,
            boolean onlyHeld,
            BooleanSupplier current) {
        /** None but that a client comes from there. */
        public static Terms from(InetAddress peer) {
            return new Terms(peer, Optional.empty(), false, OptionalInt.empty(), List.of(), false, () -> true);
        }
    }

    /**
     * What becomes of a grant.
     *
     * @param until its new end; empty if it goes now
     * @param reason why, in words
     */
    public record Verdict(Optional<Instant> until, String reason) {}

    /**
     * What became of a request.
     *
     * @param refusal why nothing changed; empty if the firewall has committed it
     * @param grants how many grants it took back
     * @param outdated whether nothing changed because what allowed it is in force no longer: it is to be decided anew
     */
    public record Outcome(Optional<Refusal> refusal, int grants, boolean outdated) {
        /** The firewall has committed it, and nothing was taken back. */
        public static final Outcome COMMITTED = tookBack(0);

        /** The firewall failed. */
        public static final Outcome FIREWALL_FAILED = refused(Refusal.FIREWALL_FAILED);

        /** Too much is waiting, or the writer is closed. */
        public static final Outcome NOT_ACCEPTED = refused(Refusal.BUSY);

        /** What allowed it is in force no longer. */
        public static final Outcome OUTDATED = new Outcome(Optional.of(Refusal.NOT_PERMITTED), 0, true);

        /** Nothing changed. */
        public static Outcome refused(Refusal why) {
            return new Outcome(Optional.of(why), 0, false);
        }

        /** The firewall has committed it. */
        public static Outcome tookBack(int grants) {
            return new Outcome(Optional.empty(), grants, false);
        }
    }

    /** Hears what happened, on the writer's thread, before the request's future is completed. */
    public interface Events {
        /** Granted until then, or renewed. */
        void opened(Request.Open request, Instant until, boolean renewal);

        /** Taken back; all of one client. */
        void closed(Client client, List<Grant> grants, Client by, InetAddress peer);

        /** Ended by themselves. */
        void expired(List<Grant> grants);

        /** Taken from its client. */
        void revoked(Grant grant, String reason);

        /** The firewall failed; not said each time where it does so again and again. */
        void troubled(FirewallException cause);

        /** The firewall works again. */
        void recovered(int openings);

        /** Somebody had changed our part of the firewall; it is again what it should be. */
        void restored(int openings);

        /** The firewall did a transaction, or failed. */
        void applied(int changes, boolean worked, Duration took);
    }

    private record Pending(Request request, CompletableFuture<Outcome> outcome) {}

    /**
     * A writer that runs everything on this executor, which has one thread.
     *
     * @param watchInterval how often to look whether somebody else has changed our part of the firewall
     * @param memory is told what the firewall has committed, before anybody else is; and, as often as the firewall is looked
     *     at, of nothing, so that it can write what it could not before
     * @param broken is told that an error struck while grants were entered, such as for want of memory: who holds what is
     *     uncertain from then on, so nobody is let in any more, and nobody is let in by the firewall
     */
    public FirewallWriter(
            Firewall firewall,
            GrantTable table,
            Clock clock,
            ScheduledExecutorService executor,
            Events events,
            Duration watchInterval,
            Consumer<GrantTable.Committed> memory,
            Consumer<Throwable> broken) {
        this.firewall = firewall;
        this.table = table;
        this.clock = clock;
        this.executor = executor;
        this.events = events;
        this.watchInterval = watchInterval;
        this.memory = memory;
        this.broken = broken;
    }

    /**
     * Puts the guard in place, with the openings of the grants that are there already. Called on the executor's thread, once, before anything else.
     *
     * @throws FirewallException if the firewall refuses; nothing was accepted or scheduled then
     */
    public void install() {
        // A grant that was taken over from an earlier run may have ended by now.
        commit(List.of());
        watchLater();
        setAlarm();
    }

    /**
     * Hands a request over. Never blocks. The outcome is completed on the writer's thread, or at once if it is not accepted;
     * where the host's state is unknown, not before it is known again. It is completed exceptionally if this writer is closed
     * without that.
     */
    public CompletableFuture<Outcome> submit(Request request) {
        Pending pending = new Pending(request, new CompletableFuture<>());
        if (!closed && undecided.get() < MOST_WAITING && waiting.offer(pending)) {
            requestDrain();
            if (closed) {
                refuseWaiting();
            }
        } else {
            pending.outcome.complete(Outcome.NOT_ACCEPTED);
        }
        return pending.outcome;
    }

    /**
     * Completed once every request that was found {@linkplain Terms#current current} before this call is decided. Never
     * blocks.
     */
    public CompletableFuture<Boolean> settled() {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        try {
            // One task finds a request current and has the firewall commit it.
            executor.execute(() -> done.complete(true));
        } catch (RejectedExecutionException e) {
            done.complete(false);
        }
        return done;
    }

    /**
     * Lets grants end that are no longer allowed as they are, in place of what an earlier call said that was not committed yet;
     * those that have changed meanwhile are left alone. As with what
     * has ended by itself, it stays due until the firewall takes it, however often that fails. Never blocks.
     *
     * @return how many were taken back, once the firewall has committed it; 0 if this writer is closed
     */
    public CompletableFuture<Integer> revise(Map<Grant, Verdict> verdicts) {
        CompletableFuture<Integer> done = new CompletableFuture<>();
        try {
            executor.execute(() -> {
                if (closed) {
                    done.complete(0);
                    return;
                }
                // What an earlier call said of grants that this one leaves alone holds no longer.
                revisions.clear();
                revisions.putAll(verdicts);
                revising.add(done);
                drain();
            });
        } catch (RejectedExecutionException e) {
            done.complete(0);
        }
        return done;
    }

    /**
     * Refuses what waits and closes the firewall. Called on the executor's thread. Once it has worked, further calls do
     * nothing; after a failure they try again.
     *
     * @throws FirewallException if the firewall could not be brought to what its configuration says
     */
    public void close() {
        closed = true;
        refuseWaiting();
        cancel(alarm);
        cancel(nextWatch);
        revising.forEach(done -> done.complete(0));
        revising.clear();
        if (firewallClosed) {
            return;
        }
        try {
            firewall.close();
            firewallClosed = true;
            settleUnknown();
        } catch (RuntimeException e) {
            unknown.forEach(p -> p.outcome.completeExceptionally(e));
            unknown.clear();
            throw e;
        }
    }

    /**
     * Does anew what an error of the JVM may have kept this from doing, such as for want of memory: to set a timer, or to
     * take up what waits. Called on the executor's thread, every now and then; without such an error it changes nothing.
     */
    public void tend() {
        if (closed) {
            return;
        }
        if (nextWatch == null || nextWatch.isDone()) {
            watchLater();
        }
        if (!installed || !waiting.isEmpty() || !batch.isEmpty()) {
            drain();
        } else {
            setAlarm();
        }
    }

    /** Whether the firewall was what it should be when it was touched or looked at last. */
    public boolean inOrder() {
        return inOrder && !closed;
    }

    private void requestDrain() {
        if (drainRequested.compareAndSet(false, true)) {
            try {
                executor.execute(this::drain);
            } catch (RejectedExecutionException | OutOfMemoryError e) {
                drainRequested.set(false);
                refuseWaiting();
            }
        }
    }

    private void watch() {
        if (closed) {
            return;
        }
        try {
            if (installed && !firewall.intact()) {
                lost("somebody changed it");
                drain();
            }
        } catch (FirewallException e) {
            // Whether it still does what it should is uncertain: the next transaction installs everything.
            installed = false;
            troubled(e);
            setAlarm();
        } catch (Throwable e) {
            LOG.warn("The firewall backend failed to look after its guard", e);
        } finally {
            watchLater();
        }
        expireWhatTimersMissed();
        memory.accept(GrantTable.Committed.NOTHING);
    }

    /** Timers stand still while the host is suspended, clocks need not. */
    private void expireWhatTimersMissed() {
        Instant now = clock.instant();
        if (failures == 0 && !uncertain && table.nextEnd().filter(now::isAfter).isPresent()) {
            requestDrain();
        }
    }

    private void watchLater() {
        nextWatch = executor.schedule(this::watch, watchInterval.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void lost(String why) {
        LOG.warn("Our part of the firewall is not as it was ({}); putting it back", why);
        installed = false;
        drifted = true;
    }

    private void refuseWaiting() {
        List<Pending> refused = new ArrayList<>();
        waiting.drainTo(refused);
        refused.forEach(p -> p.outcome.complete(Outcome.NOT_ACCEPTED));
    }

    private void drain() {
        drainRequested.set(false);
        try {
            if (closed) {
                refuseWaiting();
                return;
            }
            giveUpLeftOver();
            waiting.drainTo(batch, MOST_AT_ONCE);
            process(batch);
            batch.clear();
        } catch (Throwable e) {
            // A fault of ours, of a backend or of the JVM: the state of the host is unknown, and nobody may be told OK.
            installed = false;
            complain("The firewall backend failed", e);
            fail(batch, new FirewallException(Reason.FAILED, "the firewall backend failed: " + e, e));
            batch.clear();
        } finally {
            setAlarm();
            if (!waiting.isEmpty()) {
                requestDrain();
            }
        }
    }

    /** They hear of it with those of whom nobody knows. */
    private void giveUpLeftOver() {
        if (!batch.isEmpty()) {
            batch.stream().filter(p -> !p.outcome.isDone()).forEach(unknown::add);
            batch.clear();
            undecided.set(unknown.size());
        }
    }

    private void process(List<Pending> together) {
        try {
            commit(together);
            return;
        } catch (FirewallException e) {
            if (e.reason() != Reason.REJECTED || !installed) {
                fail(together, e);
                return;
            }
            LOG.debug("The host refused a batch: {}", e.getMessage());
        }
        // The host refused one of them and did none: neither what has expired nor those that it would take should pay
        // for
        // the one that it does not.
        List<Pending> left = new ArrayList<>(together);
        try {
            commit(List.of());
            while (!left.isEmpty()) {
                commitAlone(left.get(0));
                left.remove(0);
            }
        } catch (FirewallException e) {
            fail(left, e);
        }
    }

    private void commitAlone(Pending pending) {
        try {
            commit(List.of(pending));
        } catch (FirewallException e) {
            if (e.reason() != Reason.REJECTED || !installed) {
                throw e;
            }
            if (refusals.warn(e, clock.instant())) {
                tell(() -> events.troubled(e));
            }
            pending.outcome.complete(Outcome.FIREWALL_FAILED);
        }
    }

    /** One transaction: all of the batch and all that has expired, or nothing. */
    private void commit(List<Pending> together) {
        if (uncertain) {
            shut(together);
            return;
        }
        Instant now = clock.instant();
        GrantTable.Transaction transaction = table.begin();
        List<Grant> expired = transaction.expire(now);
        List<Grant> revoked = revise(transaction, now);
        List<Runnable> after = new ArrayList<>();
        for (Pending pending : together) {
            after.add(apply(transaction, pending, now));
        }
        push(transaction, now);
        enter(transaction);
        retryAt = Instant.MAX;
        busy = false;
        if (failures > 0) {
            failures = 0;
            tell(() -> events.recovered(table.openings()));
        }
        if (drifted) {
            drifted = false;
            tell(() -> events.restored(table.openings()));
        }
        if (!expired.isEmpty()) {
            tell(() -> events.expired(expired));
        }
        revised(revoked);
        // It is committed, so each is told, whatever becomes of telling another.
        after.forEach(FirewallWriter::tell);
    }

    /** Nobody is admitted any more. */
    private void shut(List<Pending> together) {
        if (!installed) {
            timed(0, () -> firewall.install(List.of()));
            installed = true;
            settleUnknown();
        }
        together.forEach(p -> p.outcome.complete(Outcome.FIREWALL_FAILED));
        revising.forEach(done -> done.complete(0));
        revising.clear();
        retryAt = Instant.MAX;
    }

    private void enter(GrantTable.Transaction transaction) {
        boolean entered = false;
        try {
            memory.accept(transaction.commit());
            entered = true;
        } catch (Throwable e) {
            broken.accept(e);
            throw e;
        } finally {
            uncertain |= !entered;
        }
    }

    /** Enters a request into the transaction; what it returns is to be run once that is committed. */
    private Runnable apply(GrantTable.Transaction transaction, Pending pending, Instant now) {
        if (pending.request instanceof Request.Open open) {
            return open(transaction, open, pending.outcome, now);
        }
        Request.Close close = (Request.Close) pending.request;
        if (!close.current().getAsBoolean()) {
            return () -> pending.outcome.complete(Outcome.OUTDATED);
        }
        List<Grant> closed = transaction.close(close.client(), close.which());
        return () -> {
            tell(() -> events.closed(close.client(), closed, close.by(), close.peer()));
            pending.outcome.complete(Outcome.tookBack(closed.size()));
        };
    }

    private Runnable open(
            GrantTable.Transaction transaction, Request.Open open, CompletableFuture<Outcome> outcome, Instant now) {
        Terms terms = open.terms();
        if (!terms.current().getAsBoolean()) {
            return () -> outcome.complete(Outcome.OUTDATED);
        }
        Instant until = now.plus(open.lifetime());
        GrantTable.Fit fit = transaction.open(new GrantTable.Wish(
                open.client(),
                open.openings(),
                until,
                terms.guest(),
                terms.mostAddresses(),
                terms.replaced(),
                terms.onlyHeld()));
        if (fit.refusal().isPresent()) {
            return () -> outcome.complete(Outcome.refused(fit.refusal().get()));
        }
        return () -> {
            tell(() -> events.opened(open, until, fit.renewal()));
            if (!fit.replaced().isEmpty()) {
                tell(() -> events.closed(open.client(), fit.replaced(), open.client(), terms.peer()));
            }
            outcome.complete(Outcome.COMMITTED);
        };
    }

    /** Enters what is to be revised into the transaction; the grants that it takes back. */
    private List<Grant> revise(GrantTable.Transaction transaction, Instant now) {
        List<Grant> revoked = new ArrayList<>();
        revisions.forEach((grant, verdict) -> {
            // The firewall could not be told an end that has come by now.
            Optional<Instant> until = verdict.until().filter(now::isBefore);
            if (transaction.revise(grant, until) && until.isEmpty()) {
                revoked.add(grant);
            }
        });
        return revoked;
    }

    private void revised(List<Grant> revoked) {
        Map<Grant, Verdict> verdicts = Map.copyOf(revisions);
        revisions.clear();
        for (Grant grant : revoked) {
            tell(() -> events.revoked(
                    grant, Objects.requireNonNull(verdicts.get(grant)).reason()));
        }
        revising.forEach(done -> done.complete(revoked.size()));
        revising.clear();
    }

    private void push(GrantTable.Transaction transaction, Instant now) {
        if (installed) {
            List<Change> changes = transaction.changes(now);
            if (changes.isEmpty()) {
                return;
            }
            try {
                timed(changes.size(), () -> firewall.apply(changes));
                return;
            } catch (FirewallException e) {
                installed = e.nothingChanged() && e.reason() != Reason.BUSY;
                if (e.reason() != Reason.STATE_LOST) {
                    throw e;
                }
                lost(String.valueOf(e.getMessage()));
            }
        }
        List<Change.Open> openings = transaction.openings(now);
        timed(openings.size(), () -> firewall.install(openings));
        installed = true;
        settleUnknown();
    }

    private void timed(int changes, Runnable work) {
        long start = System.nanoTime();
        boolean worked = false;
        try {
            work.run();
            worked = true;
        } finally {
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            boolean did = worked;
            tell(() -> events.applied(changes, did, took));
        }
    }

    /** An install, or the end, has undone whatever may have been left of a change that failed. */
    private void settleUnknown() {
        unknown.forEach(p -> p.outcome.complete(Outcome.FIREWALL_FAILED));
        unknown.clear();
        undecided.set(0);
    }

    private void fail(List<Pending> together, FirewallException cause) {
        troubled(cause);
        for (Pending pending : together) {
            if (installed || cause.reason() == Reason.BUSY) {
                pending.outcome.complete(Outcome.FIREWALL_FAILED);
            } else if (!pending.outcome.isDone()) {
                unknown.add(pending);
            }
        }
        undecided.set(unknown.size());
    }

    private void troubled(FirewallException cause) {
        Instant now = clock.instant();
        boolean known = busy && cause.reason() == Reason.BUSY;
        busy = cause.reason() == Reason.BUSY;
        if (retryAt.equals(Instant.MAX) || !retryAt.isAfter(now)) {
            // Asking whether a command has ended costs next to nothing.
            Duration pause = FIRST_RETRY.multipliedBy(busy ? 1 : 1L << Math.min(failures, 10));
            retryAt = now.plus(pause.compareTo(LAST_RETRY) < 0 ? pause : LAST_RETRY);
            failures += known ? 0 : 1;
        }
        if (!known && troubles.warn(cause, now)) {
            tell(() -> events.troubled(cause));
        }
    }

    /** Wakes this writer at the next end of a grant and, while the firewall fails, after a pause that grows. */
    private void setAlarm() {
        inOrder = installed && failures == 0 && !uncertain;
        cancel(alarm);
        alarm = null;
        Instant now = clock.instant();
        // What should have ended by now waits for the firewall, not for another alarm.
        Instant end = table.nextEnd()
                .filter(e -> (failures == 0 && !uncertain) || e.isAfter(now))
                .orElse(Instant.MAX);
        Instant at = end.isBefore(retryAt) ? end : retryAt;
        if (!at.equals(Instant.MAX) && !closed) {
            long nanos = Math.max(0, Duration.between(now, at).toNanos());
            alarm = executor.schedule(this::requestDrain, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private static void cancel(@Nullable ScheduledFuture<?> task) {
        if (task != null) {
            task.cancel(false);
        }
    }

    /** An event that fails changes nothing of what has happened, whatever it throws. */
    private static void tell(Runnable event) {
        try {
            event.run();
        } catch (Throwable e) {
            complain("A listener failed", e);
        }
    }

    private static void complain(String what, Throwable cause) {
        try {
            LOG.warn(what, cause);
        } catch (Throwable e) {
            // Where memory has run out, a log can fail as well.
        }
    }
}
