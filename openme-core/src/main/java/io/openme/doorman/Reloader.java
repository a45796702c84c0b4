package io.openme.doorman;

import io.openme.doorman.AccessPolicy.Decision;
import io.openme.internal.grants.Grant;
import io.openme.internal.grants.GrantBook;
import io.openme.internal.tls.ServerTls;
import io.openme.internal.vitals.Vitals;
import io.openme.internal.writer.FirewallWriter;
import io.openme.internal.writer.FirewallWriter.Verdict;
import io.openme.spi.OpenmeException;
import io.openme.tls.Peer;
import io.openme.tls.Term;
import io.openme.tls.UntrustedException;
import io.openme.tls.UntrustedException.Reason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Swaps what decides who gets in: checks it first, and then takes from clients what it allows no longer. What can't be used
 * changes nothing.
 */
final class Reloader implements AutoCloseable {
    /** A change of a file is in force after two looks and the reload itself. */
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);

    private static final Duration RETRY_EVERY = Duration.ofSeconds(10);
    private static final Duration WARN_EVERY = Duration.ofDays(1);

    private volatile InForce inForce;
    private final Admission.Source source;
    private final FileWatch watch;
    private final boolean tls12;
    private final Judgement judgement;
    private final GrantBook book;
    private final Journal journal;
    private final Clock dates;
    private final Clock grants;

    private volatile Optional<String> failure = Optional.empty();
    private volatile @Nullable FirewallWriter writer;
    private volatile @Nullable ScheduledThreadPoolExecutor timer;
    private volatile @Nullable Thread thread;
    /** Fails once this is closed: what waits for the thread then waits in vain. */
    private final CompletableFuture<Integer> closing = new CompletableFuture<>();

    private volatile long retryAt;
    // Set by the starting thread, and then used by the executor's.
    private @Nullable ScheduledFuture<?> warning;
    private @Nullable ScheduledFuture<?> looking;

    Reloader(DoormanSettings settings, Judgement judgement, GrantBook book, Journal journal) {
        this.source = settings.source();
        this.watch = settings.watch();
        this.tls12 = settings.tls12();
        this.judgement = judgement;
        this.book = book;
        this.journal = journal;
        this.dates = settings.dates();
        this.grants = settings.grants();
        this.inForce = inForce(0, settings.admission());
    }

    InForce now() {
        return inForce;
    }

    /** What is wrong with what was read last; empty if it is in force. */
    Optional<String> failure() {
        return failure;
    }

    /** Begins to look at the files, and warns of what ends soon. */
    void start(FirewallWriter ours, Vitals vitals) {
        writer = ours;
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, "openme-reload");
            made.setDaemon(true);
            thread = made;
            return made;
        });
        timer = executor;
        warning = every(executor, WARN_EVERY, Duration.ZERO, this::warn);
        if (!watch.isEmpty()) {
            looking = every(executor, LOOK_EVERY, LOOK_EVERY, this::look);
        }
        vitals.addExecutor("openme-reload", executor, () -> tend(executor));
    }

    private static ScheduledFuture<?> every(
            ScheduledThreadPoolExecutor executor, Duration pause, Duration first, Runnable task) {
        return executor.scheduleWithFixedDelay(task, first.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** A task that has thrown is not run again, and even one that catches everything can fail for want of memory. */
    private void tend(ScheduledThreadPoolExecutor executor) {
        if (warning != null && warning.isDone()) {
            warning = every(executor, WARN_EVERY, WARN_EVERY, this::warn);
        }
        if (looking != null && looking.isDone()) {
            looking = every(executor, LOOK_EVERY, LOOK_EVERY, this::look);
        }
    }

    @Override
    public void close() {
        // First: what fails for the rest of this is no fault.
        closing.completeExceptionally(new IllegalStateException("the doorman was closed while it reloaded"));
        ScheduledThreadPoolExecutor executor = timer;
        if (executor != null) {
            executor.shutdownNow();
        }
    }

    /** Whether this is the thread that looks at the files: it can't wait for itself. */
    boolean isItsThread(Thread caller) {
        return caller == thread;
    }

    private void look() {
        try {
            boolean changed = watch.changed();
            boolean again = failure.isPresent() && System.nanoTime() - retryAt > 0;
            if (changed || again) {
                watch.take();
                // The files may be others afterwards; then what they hold counts as a change, and is read once more.
                CompletableFuture<Integer> unused = reload();
            }
        } catch (Throwable e) {
            // It was told; the next change, or the next try, may be good. Thrown on, it would end the looking for ever.
            if (failure.isEmpty()) {
                fail("its files can't be looked at: " + e, System.nanoTime());
            }
        }
    }

    /** Tells it, once for each reason, and tries again later. */
    private void fail(String reason, long start) {
        if (closing.isDone()) {
            // What was stopped half way through has not failed, and the next start reads everything.
            return;
        }
        retryAt = System.nanoTime() + RETRY_EVERY.toNanos();
        if (!failure.equals(Optional.of(reason))) {
            failure = Optional.of(reason);
            journal.reloadFailed(reason, since(start));
        }
    }

    /**
     * Takes what the source gives into force.
     *
     * @return completed with the number of revoked grants, once the firewall has committed that
     * @throws OpenmeException if it can't be used; nothing has changed then
     */
    CompletableFuture<Integer> reload() {
        return reload(source::read);
    }

    synchronized CompletableFuture<Integer> reload(Supplier<Admission> from) {
        long start = System.nanoTime();
        InForce before = inForce;
        try {
            Admission next = from.get();
            check(next, before.admission());
            inForce = inForce(before.epoch() + 1, next);
        } catch (RuntimeException | Error e) {
            String reason = e instanceof OpenmeException ? String.valueOf(e.getMessage()) : e.toString();
            fail(reason + "; everything stays as it was", start);
            throw e;
        }
        failure = Optional.empty();
        FirewallWriter ours = writer;
        Executor executor = timer;
        if (ours == null || executor == null) {
            return CompletableFuture.completedFuture(0);
        }
        CompletableFuture<Integer> done = new CompletableFuture<>();
        // Not before: what the firewall is committing right now was allowed by what is in force no longer.
        CompletableFuture<Integer> unused = ours.settled()
                .thenComposeAsync(settled -> ours.revise(verdicts(inForce)), executor)
                .whenComplete((revoked, failed) -> {
                    if (failed == null) {
                        journal.reloaded(revoked, since(start));
                        done.complete(revoked);
                    } else {
                        fail("what is new is in force, but not for what was open before: " + failed, start);
                        done.completeExceptionally(failed);
                    }
                });
        warn();
        return done.applyToEither(closing, revoked -> revoked);
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private InForce inForce(long epoch, Admission admission) {
        return new InForce(epoch, admission, new ServerTls(admission.identity(), admission.trust(), dates, tls12));
    }

    private void check(Admission next, Admission before) {
        next.trust().requireNotBefore(before.trust());
        Instant now = dates.instant();
        Term ours = certificate(next);
        if (ours.isOver(now) && !certificate(before).isOver(now)) {
            throw new OpenmeException(ours.what() + " expired at " + ours.end() + "; give one that is good");
        }
    }

    /** What becomes of a grant of an earlier run; empty if it stays as it is. Whatever is uncertain ends it. */
    Optional<Verdict> verdict(Grant grant) {
        InForce now = inForce;
        try {
            return verdict(now, now.verify(grant.client(), dates.instant()), grant);
        } catch (UntrustedException e) {
            return Optional.of(end(e));
        }
    }

    private static Verdict end(UntrustedException why) {
        return new Verdict(Optional.empty(), String.valueOf(why.getMessage()));
    }

    /** What becomes of the grants that are live, by what is in force now. */
    private Map<Grant, Verdict> verdicts(InForce now) {
        Map<Client, List<Grant>> held = new HashMap<>();
        book.all()
                .forEach(grant -> held.computeIfAbsent(grant.client(), c -> new ArrayList<>())
                        .add(grant));
        Map<Grant, Verdict> verdicts = new HashMap<>();
        held.forEach((client, theirs) -> {
            try {
                verdicts.putAll(verdicts(now, client, theirs));
            } catch (Error e) {
                // One client's fault must not keep another from being revoked; uncertain is closed.
                theirs.forEach(grant -> verdicts.put(grant, new Verdict(Optional.empty(), "it can't be judged: " + e)));
            }
        });
        return verdicts;
    }

    private Map<Grant, Verdict> verdicts(InForce now, Client client, List<Grant> theirs) {
        Map<Grant, Verdict> verdicts = new HashMap<>();
        Client verified = client;
        try {
            verified = now.verify(client, dates.instant());
        } catch (UntrustedException e) {
            // A list that became too old revokes nobody: what a client has, it got while the list was good.
            if (e.reason() != Reason.CRL_STALE) {
                theirs.forEach(grant -> verdicts.put(grant, end(e)));
                return verdicts;
            }
        }
        for (Grant grant : theirs) {
            verdict(now, verified, grant).ifPresent(verdict -> verdicts.put(grant, verdict));
        }
        return verdicts;
    }

    private Optional<Verdict> verdict(InForce now, Client client, Grant grant) {
        Instant at = grants.instant();
        Duration left = Duration.between(at, grant.until());
        if (left.compareTo(Decision.Granted.SHORTEST) < 0) {
            return Optional.empty();
        }
        Decision decision = judgement.decide(
                now.admission().policy(),
                client,
                new AccessPolicy.Request(
                        grant.opening().source(),
                        grant.guest(),
                        Set.of(grant.opening().service()),
                        true,
                        Optional.of(left),
                        dates.instant()));
        if (decision instanceof Decision.Refused refused) {
            return Optional.of(new Verdict(Optional.empty(), refused.reason()));
        }
        Duration lifetime = ((Decision.Granted) decision).lifetime();
        return lifetime.compareTo(left) < 0
                ? Optional.of(new Verdict(Optional.of(at.plus(lifetime)), "the policy allows less"))
                : Optional.empty();
    }

    private void warn() {
        Instant now = dates.instant();
        terms().filter(term -> term.endsSoon(now)).forEach(term -> journal.expiring(term, term.isOver(now)));
    }

    /** What ends by itself and keeps clients out then. */
    Stream<Term> terms() {
        Admission admission = inForce.admission();
        return Stream.concat(Stream.of(certificate(admission)), admission.trust().terms().stream());
    }

    private static Term certificate(Admission admission) {
        var certificate = admission.identity().certificate();
        return Term.of("the doorman's certificate " + Peer.of(certificate), certificate);
    }
}
