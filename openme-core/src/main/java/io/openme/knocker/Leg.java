package io.openme.knocker;

import io.openme.knocker.KnockResult.Status;
import io.openme.knocker.LeaseListener.Held;
import io.openme.knocker.LeaseListener.Lost;
import io.openme.knocker.LeaseListener.Missed;
import io.openme.knocker.LeaseListener.Moved;
import io.openme.knocker.LeaseListener.Released;
import io.openme.knocker.LeaseState.Phase;
import io.openme.protocol.Command;
import io.openme.protocol.Reply.Opened;
import io.openme.protocol.Reply.Refused;
import io.openme.protocol.Request;
import io.openme.protocol.Request.Where;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The part of a lease for one family of addresses: IPv4 or IPv6.
 *
 * <p>Two threads: the timer's decides and owns all that is not said to be otherwise, one of its own knocks. Every knock is
 * an {@code OPEN} that replaces the address that the doorman named last: the same when nothing has changed, a move in one
 * step when this host's address has, and an opening after a restart that forgot everything.
 */
final class Leg {
    private final StandardProtocolFamily family;
    private final Knocker knocker;
    private final HoldOptions options;
    private final LeaseParts parts;
    private final Pauses pauses;
    private final Consumer<Consumer<LeaseListener>> tell;
    private final ExecutorService knocking;

    private @Nullable ScheduledFuture<?> next;
    private @Nullable ScheduledFuture<?> end;
    private @Nullable InetSocketAddress server;
    private volatile @Nullable Aim aim;
    private Optional<InetAddress> local = Optional.empty();
    private boolean underWay;
    private boolean toldToWait;
    private int failures;

    private volatile boolean released;
    /** Written by the timer's thread, read by any. */
    private volatile LeaseState state;
    /** What the doorman opened last. Of the thread that knocks: when the lease closes, the timer may not know it yet. */
    private @Nullable Held opened;
    /** Whether an attempt since may have opened something that nobody told us of. Of the thread that knocks. */
    private boolean doubtful;

    /** @param tell calls the listener */
    Leg(
            StandardProtocolFamily family,
            Knocker knocker,
            HoldOptions options,
            LeaseParts parts,
            Consumer<Consumer<LeaseListener>> tell) {
        this.family = family;
        this.knocker = knocker;
        this.options = options;
        this.parts = parts;
        this.pauses = new Pauses(parts.random());
        this.tell = tell;
        this.knocking = parts.knocking().apply(family);
        this.state = new LeaseState(family, Phase.OPENING, Optional.empty(), Optional.empty());
    }

    /** Where the first knock goes, and the address that this host then comes from. */
    private record Aim(InetSocketAddress server, Optional<InetAddress> local) {}

    LeaseState state() {
        return state;
    }

    /** Knocks now, unless it does already or the doorman said when it wants to hear from us again. */
    void knockSoon() {
        if (!toldToWait) {
            knock();
        }
    }

    /** Knocks if this host would come from another address than at the last knock. Asks the system only. */
    void poll() {
        if (server != null && !underWay && lookAtRoute() && local.isPresent()) {
            knockSoon();
        }
    }

    /** Takes back what is held, after the knock that is under way; empty if nothing is. Then the leg's thread ends. */
    Future<Optional<Released>> release() {
        released = true;
        Callable<Optional<Released>> work = this::takeBack;
        Future<Optional<Released>> future = knocking.submit(work);
        knocking.shutdown();
        return future;
    }

    private void knock() {
        if (underWay || released) {
            return;
        }
        cancel(next);
        toldToWait = false;
        underWay = true;
        lookAtRoute();
        Instant began = parts.clock().instant();
        Optional<Held> before = state.held();
        try {
            knocking.execute(() -> {
                var unused = in(Duration.ZERO, outcome(before, began));
            });
        } catch (RejectedExecutionException e) {
            // The lease is being closed.
        }
    }

    private boolean lookAtRoute() {
        Optional<InetAddress> before = local;
        local = Optional.ofNullable(server).flatMap(knocker.target().route()::towards);
        return !local.equals(before);
    }

    /** On the thread that knocks; what is then to be done on the timer's. Whatever happens: the lease goes on. */
    private Runnable outcome(Optional<Held> before, Instant began) {
        try {
            if (aim == null) {
                aim = knocker.target()
                        .first(family)
                        .map(to -> new Aim(to, knocker.target().route().towards(to)))
                        .orElse(null);
            }
            return ask(before, began);
        } catch (RuntimeException e) {
            String detail = "this is a fault of openme, please report it: " + e;
            return () -> failed(
                    new KnockResult(Status.UNREACHABLE, detail, Optional.empty(), Duration.ZERO, Optional.empty()));
        }
    }

    private Runnable ask(Optional<Held> before, Instant began) {
        if (knocker.target().lacks(family)) {
            return this::absent;
        }
        KnockResult asked = knocker.ask(options.request(before.flatMap(Held::address)), family);
        KnockResult result = asked.status() == Status.UNSUPPORTED && options.sayableInOpenme1()
                ? knocker.ask(Request.of(Command.open()), family)
                : asked;
        if (result.granted()) {
            Held held = held(result, before, began);
            opened = held;
            doubtful = false;
            return () -> granted(result, held);
        }
        doubtful |= result.server().isPresent()
                && (result.status() == Status.TIMED_OUT || result.status() == Status.UNREACHABLE);
        return () -> failed(result);
    }

    private Held held(KnockResult result, Optional<Held> before, Instant began) {
        Optional<Opened> reply = result.reply().map(Opened.class::cast);
        Optional<InetAddress> address = reply.map(Opened::address);
        Set<String> services = reply.map(Opened::services).orElse(options.services());
        Duration lifetime = reply.map(Opened::lifetime).or(options::assumed).orElse(HoldOptions.ASSUMED);
        boolean same = before.filter(held ->
                        held.address().equals(address) && held.services().equals(services))
                .isPresent();
        return new Held(family, address, services, began.plus(lifetime), same);
    }

    /** On the thread that knocks. */
    private Optional<Released> takeBack() {
        Optional<Held> held =
                Optional.ofNullable(opened).filter(each -> !left(each).isZero());
        List<Request> closing = new ArrayList<>();
        held.ifPresent(each -> closing.add(new Request.Close(
                each.address().<Where>map(Where.At::new).orElseGet(Where.Here::new),
                each.services(),
                Optional.empty())));
        if (doubtful) {
            closing.add(new Request.Close(new Where.Here(), options.services(), Optional.empty()));
        }
        Optional<Released> released = Optional.empty();
        for (Request each : closing) {
            released = Optional.of(new Released(family, held, knocker.ask(each, family)));
            if (!released.get().result().granted()) {
                break;
            }
        }
        return released;
    }

    private void absent() {
        underWay = false;
        state = new LeaseState(family, Phase.ABSENT, state.held(), Optional.empty());
        knockIn(Pauses.MEDIUM);
    }

    private void granted(KnockResult result, Held held) {
        answered(result);
        failures = 0;
        Optional<InetAddress> from = state.held().flatMap(Held::address);
        state = new LeaseState(family, Phase.HOLDING, Optional.of(held), Optional.empty());
        cancel(end);
        end = in(left(held), this::expired);
        knockIn(pauses.renewal(left(held)));
        if (from.isPresent() && held.address().isPresent() && !from.equals(held.address())) {
            Moved moved = new Moved(family, from.get(), held.address().get());
            tell.accept(listener -> listener.moved(moved));
        }
        tell.accept(listener -> listener.held(held));
    }

    private void failed(KnockResult result) {
        answered(result);
        failures++;
        toldToWait = result.reply()
                .filter(reply ->
                        reply instanceof Refused refused && refused.retryAfter().isPresent())
                .isPresent();
        Optional<Held> held = state.held();
        state = new LeaseState(family, Phase.FAILING, held, Optional.of(result));
        // The second is so after this host slept, when the timer is late.
        if (held.isPresent() && (Pauses.takenAway(result) || left(held.get()).isZero())) {
            expired();
        }
        Optional<Held> still = state.held();
        Duration pause = pauses.retry(result, failures, still.map(this::left).orElse(Duration.ZERO));
        knockIn(pause);
        Missed missed = new Missed(family, result, still, pause);
        boolean silent = result.status() == Status.UNREACHABLE || result.status() == Status.TIMED_OUT;
        tell.accept(listener -> {
            if (silent) {
                listener.unreachable(missed);
            } else {
                listener.refused(missed);
            }
        });
    }

    private void answered(KnockResult result) {
        underWay = false;
        result.server().filter(to -> !to.equals(server)).ifPresent(to -> {
            server = to;
            Aim first = aim;
            if (first != null && first.server.equals(to)) {
                // Not what it is by now: a change since the knock began would never be noticed.
                local = first.local;
            } else {
                lookAtRoute();
            }
        });
    }

    private void expired() {
        cancel(end);
        Optional<Held> held = state.held();
        state = new LeaseState(family, state.phase(), Optional.empty(), state.trouble());
        String why = state.trouble().map(KnockResult::detail).orElse("its time was over before it could be renewed");
        held.ifPresent(each -> tell.accept(listener -> listener.lost(new Lost(each, why))));
    }

    /** Zero if its time is over. */
    private Duration left(Held held) {
        Duration left = Duration.between(parts.clock().instant(), held.until());
        return left.isNegative() ? Duration.ZERO : left;
    }

    private void knockIn(Duration pause) {
        cancel(next);
        next = in(pause, this::knock);
    }

    private @Nullable ScheduledFuture<?> in(Duration time, Runnable work) {
        try {
            return parts.timer().schedule(work, time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // The lease is being closed.
            return null;
        }
    }

    private static void cancel(@Nullable ScheduledFuture<?> planned) {
        if (planned != null) {
            planned.cancel(false);
        }
    }
}
