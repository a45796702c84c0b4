package io.openme.knocker;

import io.openme.knocker.LeaseListener.Released;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps something open until it is closed: {@link Knocker#hold} makes one.
 *
 * <p>It opens at once, renews after a third of what was granted, and tries again sooner after a failure. Each few seconds it
 * looks whether this host would come from another address now, or slept, and then renews at once; the new address opens and
 * the old one closes in one step. Where the server's name has IPv4 and IPv6 addresses, both are held, and neither waits for the
 * other or ends with it.
 *
 * <p>No failure ends it, only {@link #close}. What somebody has to mend first, such as a refusal by the policy, it tries again
 * each five minutes; the {@link LeaseListener} hears of it, and may close. It runs on daemon threads of its own, {@code
 * openme-lease} and one to knock for each family. Safe for use by several threads.
 */
public final class Lease implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
    static final Duration POLL = Duration.ofSeconds(3);
    /** More than a busy host is late. */
    private static final Duration SLEPT = Duration.ofSeconds(10);

    private final Knocker knocker;
    private final LeaseParts parts;
    private final LeaseListener listener;
    private final List<Leg> legs;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CountDownLatch first = new CountDownLatch(1);
    private volatile boolean held;
    private Instant polled;

    private Lease(Knocker knocker, HoldOptions options, LeaseParts parts) {
        this.knocker = knocker;
        this.parts = parts;
        this.listener = options.listener();
        this.polled = parts.clock().instant();
        this.legs = knocker.target().families().stream()
                .map(family -> new Leg(family, knocker, options, parts, this::tell))
                .toList();
    }

    static Lease start(Knocker knocker, HoldOptions options, LeaseParts parts) {
        Lease lease = new Lease(knocker, options, parts);
        parts.timer().execute(() -> {
            lease.legs.forEach(Leg::knockSoon);
            lease.pollLater();
        });
        return lease;
    }

    /** How it stands now, for IPv4 and for IPv6; one of them only where the server was given as an address. */
    public List<LeaseState> state() {
        // Not of the legs: once this is closed, no timer tells them.
        return legs.stream()
                .map(Leg::state)
                .map(state -> closed.get() ? state.afterClose() : state)
                .toList();
    }

    /** Whether something is held now, as far as is known; never once this is closed. */
    public boolean holding() {
        return state().stream().anyMatch(each -> each.held().isPresent());
    }

    /**
     * Waits until something was held for the first time. Not from a method of the listener, which would wait for itself.
     *
     * @return whether it was; false if the time was over or the lease closed before
     */
    public boolean await(Duration time) throws InterruptedException {
        return first.await(time.toNanos(), TimeUnit.NANOSECONDS) && held;
    }

    /**
     * Closes what is held, and ends. Blocks until the doorman has said so, at most for twice the knocker's timeout; what could
     * not be closed ends by itself, after its time. The listener hears of {@link LeaseListener#released}, and nothing after
     * that. Does nothing the second time.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        // Without an interrupt: it may be the listener that closes, on the timer's own thread.
        parts.timer().shutdown();
        first.countDown();
        List<Future<Optional<Released>>> releases = new ArrayList<>();
        legs.forEach(leg -> releases.add(leg.release()));
        long deadline =
                System.nanoTime() + knocker.target().timeout().multipliedBy(2).toNanos();
        for (Future<Optional<Released>> each : releases) {
            try {
                each.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)
                        .ifPresent(released -> call(to -> to.released(released)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (TimeoutException e) {
                LOG.warn("It took too long to close what was held; it ends after its time");
            } catch (ExecutionException e) {
                LOG.warn("What was held could not be closed; it ends after its time", e.getCause());
            }
        }
    }

    /** {@code IPv4} or {@code IPv6}. */
    static String nameOf(StandardProtocolFamily family) {
        return family == StandardProtocolFamily.INET ? "IPv4" : "IPv6";
    }

    private void poll() {
        pollLater();
        Instant now = parts.clock().instant();
        Duration late = Duration.between(polled.plus(POLL), now).abs();
        polled = now;
        // Timers stand still while a host sleeps, and what was held may have ended meanwhile.
        legs.forEach(late.compareTo(SLEPT) > 0 ? Leg::knockSoon : Leg::poll);
    }

    private void pollLater() {
        try {
            var unused = parts.timer().schedule(this::poll, POLL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // It is being closed.
        }
    }

    private void tell(Consumer<LeaseListener> what) {
        if (holding()) {
            held = true;
            first.countDown();
        }
        if (!closed.get()) {
            call(what);
        }
    }

    private void call(Consumer<LeaseListener> what) {
        try {
            what.accept(listener);
        } catch (RuntimeException e) {
            LOG.warn("A listener of a lease failed", e);
        }
    }
}
