package io.openme.internal.writer;

import io.openme.doorman.Client;
import io.openme.internal.grants.Grant;
import io.openme.internal.grants.GrantTable;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
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
    private final BlockingQueue<Pending> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final AtomicBoolean drainRequested = new AtomicBoolean();

    private final AtomicInteger undecided = new AtomicInteger();
    private volatile boolean closed;

    // The rest belongs to the executor's thread.
    private boolean installed;
    private boolean drifted;
    private boolean busy;
    private boolean firewallClosed;
    private int failures;
    private Instant retryAt = Instant.MAX;
    /** Requests whose change may be on the host although it failed: they hear of it when it certainly is not. */
    private final List<Pending> unknown = new ArrayList<>();

    private @Nullable ScheduledFuture<?> alarm;
    private @Nullable ScheduledFuture<?> nextWatch;

    /** What one knock wants of the firewall. */
    public sealed interface Request {
        /**
         * Grant these openings, or renew them.
         *
         * @param client whose grants they become
         * @param openings what to admit
         * @param lifetime counted from the transaction's begin
         */
        record Open(Client client, List<Opening> openings, Duration lifetime) implements Request {}

        /**
         * Take the client's grants for these openings back.
         *
         * @param client whose grants
         * @param openings of what
         */
        record Close(Client client, List<Opening> openings) implements Request {}
    }

    /** What became of a request. */
    public enum Outcome {
        /** The firewall has committed it. */
        COMMITTED,
        /** The client holds too much already; nothing changed. */
        TOO_MANY_GRANTS,
        /** The firewall failed; nothing changed. */
        FIREWALL_FAILED,
        /** Too much is waiting, or the writer is closed; nothing changed. */
        NOT_ACCEPTED
    }

    /** Hears what happened, on the writer's thread, before the request's future is completed. */
    public interface Events {
        /** Granted or renewed until then. */
        void opened(Request.Open request, Instant until);

        /** Taken back. */
        void closed(Request.Close request, List<Grant> grants);

        /** Ended by themselves. */
        void expired(List<Grant> grants);

        /** The firewall failed. */
        void troubled(FirewallException cause);

        /** The firewall works again. */
        void recovered(int openings);

        /** Somebody had changed our part of the firewall; it is again what it should be. */
        void restored(int openings);
    }

    private record Pending(Request request, CompletableFuture<Outcome> outcome) {}

    /**
     * A writer that runs everything on this executor, which has one thread.
     *
     * @param watchInterval how often to look whether somebody else has changed our part of the firewall
     * @param memory is told what the firewall has committed, before anybody else is; and, as often as the firewall is looked
     *     at, of nothing, so that it can write what it could not before
     */
    public FirewallWriter(
            Firewall firewall,
            GrantTable table,
            Clock clock,
            ScheduledExecutorService executor,
            Events events,
            Duration watchInterval,
            Consumer<GrantTable.Committed> memory) {
        this.firewall = firewall;
        this.table = table;
        this.clock = clock;
        this.executor = executor;
        this.events = events;
        this.watchInterval = watchInterval;
        this.memory = memory;
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
        memory.accept(GrantTable.Committed.NOTHING);
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
        List<Pending> batch = new ArrayList<>();
        try {
            if (closed) {
                refuseWaiting();
                return;
            }
            waiting.drainTo(batch, MOST_AT_ONCE);
            process(batch);
        } catch (Throwable e) {
            // A fault of ours, of a backend or of the JVM: the state of the host is unknown, and nobody may be told OK.
            installed = false;
            LOG.warn("The firewall backend failed", e);
            fail(batch, new FirewallException(Reason.FAILED, "the firewall backend failed: " + e, e));
        } finally {
            setAlarm();
            if (!waiting.isEmpty()) {
                requestDrain();
            }
        }
    }

    private void process(List<Pending> batch) {
        try {
            commit(batch);
            return;
        } catch (FirewallException e) {
            if (e.reason() != Reason.REJECTED || !installed) {
                fail(batch, e);
                return;
            }
            LOG.debug("The host refused a batch: {}", e.getMessage());
        }
        // The host refused one of them and did none: neither what has expired nor those that it would take should pay
        // for
        // the one that it does not.
        List<Pending> left = new ArrayList<>(batch);
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
            LOG.warn("The firewall refused a change, the knock gets KO: {}", e.getMessage());
            tell(() -> events.troubled(e));
            pending.outcome.complete(Outcome.FIREWALL_FAILED);
        }
    }

    /** One transaction: all of the batch and all that has expired, or nothing. */
    private void commit(List<Pending> batch) {
        Instant now = clock.instant();
        GrantTable.Transaction transaction = table.begin();
        List<Grant> expired = transaction.expire(now);
        List<Runnable> after = new ArrayList<>();
        for (Pending pending : batch) {
            after.add(apply(transaction, pending, now));
        }
        push(transaction, now);
        memory.accept(transaction.commit());
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
        after.forEach(Runnable::run);
    }

    /** Enters a request into the transaction; what it returns is to be run once that is committed. */
    private Runnable apply(GrantTable.Transaction transaction, Pending pending, Instant now) {
        if (pending.request instanceof Request.Open open) {
            Instant until = now.plus(open.lifetime());
            if (!transaction.open(open.client(), open.openings(), until)) {
                return () -> pending.outcome.complete(Outcome.TOO_MANY_GRANTS);
            }
            return () -> {
                tell(() -> events.opened(open, until));
                pending.outcome.complete(Outcome.COMMITTED);
            };
        }
        Request.Close close = (Request.Close) pending.request;
        List<Grant> closed = transaction.close(close.client(), close.openings());
        return () -> {
            tell(() -> events.closed(close, closed));
            pending.outcome.complete(Outcome.COMMITTED);
        };
    }

    private void push(GrantTable.Transaction transaction, Instant now) {
        if (installed) {
            List<Change> changes = transaction.changes(now);
            if (changes.isEmpty()) {
                return;
            }
            try {
                firewall.apply(changes);
                return;
            } catch (FirewallException e) {
                installed = e.nothingChanged() && e.reason() != Reason.BUSY;
                if (e.reason() != Reason.STATE_LOST) {
                    throw e;
                }
                lost(String.valueOf(e.getMessage()));
            }
        }
        firewall.install(transaction.openings(now));
        installed = true;
        settleUnknown();
    }

    /** An install, or the end, has undone whatever may have been left of a change that failed. */
    private void settleUnknown() {
        unknown.forEach(p -> p.outcome.complete(Outcome.FIREWALL_FAILED));
        unknown.clear();
        undecided.set(0);
    }

    private void fail(List<Pending> batch, FirewallException cause) {
        troubled(cause);
        for (Pending pending : batch) {
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
        if (!known) {
            LOG.warn("The firewall failed: {}", cause.getMessage());
            tell(() -> events.troubled(cause));
        }
    }

    /** Wakes this writer at the next end of a grant and, while the firewall fails, after a pause that grows. */
    private void setAlarm() {
        cancel(alarm);
        alarm = null;
        Instant now = clock.instant();
        // What should have ended by now waits for the firewall, not for another alarm.
        Instant end =
                table.nextEnd().filter(e -> failures == 0 || e.isAfter(now)).orElse(Instant.MAX);
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
            LOG.warn("A listener failed", e);
        }
    }
}
