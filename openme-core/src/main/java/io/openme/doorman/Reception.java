package io.openme.doorman;

import io.openme.doorman.AccessPolicy.Decision;
import io.openme.internal.grants.Grant;
import io.openme.internal.grants.GrantBook;
import io.openme.internal.grants.RateLimiter;
import io.openme.internal.writer.FirewallWriter;
import io.openme.internal.writer.FirewallWriter.Terms;
import io.openme.protocol.Refusal;
import io.openme.protocol.Reply;
import io.openme.protocol.Request;
import io.openme.protocol.Request.Where;
import io.openme.spi.Opening;
import io.openme.tls.UntrustedException;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Turns what clients ask for into changes of the firewall, and what became of these into replies. */
final class Reception {
    /** No epoch: the client is verified whatever is in force. */
    static final long NOT_VERIFIED = -1;

    private final Set<String> services;
    private final Judgement judgement;
    private final Supplier<InForce> inForce;
    private final GrantBook book;
    private final RateLimiter rates;
    private final Journal journal;
    private final Clock dates;
    private final Clock grants;
    private volatile @Nullable FirewallWriter writer;

    Reception(
            Set<String> services,
            Judgement judgement,
            Supplier<InForce> inForce,
            GrantBook book,
            RateLimiter rates,
            Journal journal,
            Clock dates,
            Clock grants) {
        this.services = services;
        this.judgement = judgement;
        this.inForce = inForce;
        this.book = book;
        this.rates = rates;
        this.journal = journal;
        this.dates = dates;
        this.grants = grants;
    }

    /** From now on requests are decided; before, every one is refused. */
    void open(FirewallWriter ours) {
        writer = ours;
    }

    /** From now on every request is refused, as before. */
    void close() {
        writer = null;
    }

    /** Decides the request of a client that was verified when this epoch began, or since. */
    CompletionStage<Reply> handle(Client client, InetAddress from, Request request, long epoch) {
        long start = System.nanoTime();
        return decide(client, withoutZone(from), request, epoch).whenComplete((reply, failure) -> {
            if (reply != null) {
                journal.answered(request, reply, Duration.ofNanos(System.nanoTime() - start));
            }
        });
    }

    private CompletionStage<Reply> decide(Client client, InetAddress from, Request request, long epoch) {
        InForce now = inForce.get();
        return epoch == now.epoch()
                ? decide(now, client, from, request)
                : verified(now, client, from, verified -> decide(now, verified, from, request));
    }

    private CompletionStage<Reply> verified(
            InForce now, Client client, InetAddress from, Function<Client, CompletionStage<Reply>> then) {
        Client verified;
        try {
            verified = now.verify(client, dates.instant());
        } catch (UntrustedException e) {
            return refuse(client, from, Refusal.NOT_TRUSTED, String.valueOf(e.getMessage()), Optional.empty());
        }
        return then.apply(verified);
    }

    private CompletionStage<Reply> decide(InForce now, Client client, InetAddress from, Request request) {
        if (request instanceof Request.Open open) {
            Set<String> names = open.services().isEmpty() ? services : open.services();
            Wish wish = new Wish(
                    withoutZone(open.address().orElse(from)),
                    names,
                    !open.services().isEmpty(),
                    open.lifetime(),
                    open.replaces().map(Reception::withoutZone),
                    false);
            return open(now, client, from, wish, false);
        }
        if (request instanceof Request.Renew renew) {
            InetAddress address = withoutZone(renew.address().orElse(from));
            Set<String> names = renew.services().isEmpty() ? held(client, address) : renew.services();
            if (names.isEmpty()) {
                return done(told(client, from, Refusal.NOT_HELD, Optional.empty()));
            }
            Wish wish = new Wish(address, names, true, renew.lifetime(), Optional.empty(), true);
            return open(now, client, from, wish, false);
        }
        if (request instanceof Request.Close close) {
            return close(now, client, from, close);
        }
        return status(now, client, from, (Request.Status) request);
    }

    /** What a client wants opened. */
    private record Wish(
            InetAddress address,
            Set<String> services,
            boolean named,
            Optional<Duration> lifetime,
            Optional<InetAddress> replaces,
            boolean onlyHeld) {}

    /** @param counted whether its rate was counted before */
    private CompletionStage<Reply> open(InForce now, Client client, InetAddress from, Wish wish, boolean counted) {
        boolean guest = !wish.address.equals(from);
        Decision decision = judgement.decide(
                now.admission().policy(),
                client,
                new AccessPolicy.Request(
                        wish.address, guest, wish.services, wish.named, wish.lifetime, dates.instant()));
        if (decision instanceof Decision.Refused refused) {
            return refuse(client, from, refused.why(), refused.reason(), refused.rule());
        }
        Decision.Granted granted = (Decision.Granted) decision;
        Optional<Duration> wait =
                counted ? Optional.empty() : rates.take(client, granted.limits().rate());
        if (wait.isPresent()) {
            // Rounded up: who comes back at that time is not to be refused again.
            Duration seconds =
                    Duration.ofSeconds(wait.get().plusNanos(999_999_999).toSeconds());
            return done(refused(
                    client,
                    from,
                    new Reply.Refused(Refusal.RATE_LIMITED, Optional.of(seconds)),
                    "it asks too often",
                    granted.rule()));
        }
        List<Opening> replaced = wish.replaces
                .filter(a -> !a.equals(wish.address))
                .map(a -> openings(a, granted.services()))
                .orElse(List.of());
        Terms terms = new Terms(
                from, granted.rule(), guest, granted.limits().addresses(), replaced, wish.onlyHeld, isInForce(now));
        FirewallWriter ours = writer;
        if (ours == null) {
            return done(new Reply.Refused(Refusal.BUSY));
        }
        return ours.submit(new FirewallWriter.Request.Open(
                        client, openings(wish.address, granted.services()), granted.lifetime(), terms))
                .thenCompose(outcome -> {
                    if (outcome.outdated()) {
                        return openAnew(client, from, wish);
                    }
                    return done(outcome.refusal()
                            .map(why -> told(client, from, why, granted.rule()))
                            .orElseGet(() -> new Reply.Opened(wish.address, granted.services(), granted.lifetime())));
                });
    }

    /** A knock that was on its way during a reload is decided by what is in force now. */
    private CompletionStage<Reply> openAnew(Client client, InetAddress from, Wish wish) {
        InForce now = inForce.get();
        return verified(now, client, from, verified -> open(now, verified, from, wish, true));
    }

    private CompletionStage<Reply> close(InForce now, Client client, InetAddress from, Request.Close close) {
        Predicate<Opening> which = which(close.where(), from);
        Predicate<Opening> what = o ->
                which.test(o) && (close.services().isEmpty() || close.services().contains(o.service()));
        Client whose = client;
        if (close.client().isPresent() && !close.client().get().equals(client.fingerprint())) {
            if (!judgement.administers(now.admission().policy(), client)) {
                return refuse(
                        client,
                        from,
                        Refusal.NOT_PERMITTED,
                        "it closes another's grants and is no administrator",
                        Optional.empty());
            }
            Optional<Client> other = book.client(close.client().get());
            if (other.isEmpty()) {
                return done(new Reply.Closed(0));
            }
            whose = other.get();
        }
        FirewallWriter ours = writer;
        if (ours == null) {
            return done(new Reply.Refused(Refusal.BUSY));
        }
        // Nobody needs a leave to close what is his own.
        BooleanSupplier current = whose.equals(client) ? () -> true : isInForce(now);
        return ours.submit(new FirewallWriter.Request.Close(whose, what, client, from, current))
                .thenCompose(outcome -> {
                    if (outcome.outdated()) {
                        InForce next = inForce.get();
                        return verified(next, client, from, verified -> close(next, verified, from, close));
                    }
                    return done(outcome.refusal()
                            .map(why -> told(client, from, why, Optional.empty()))
                            .orElseGet(() -> new Reply.Closed(outcome.grants())));
                });
    }

    private BooleanSupplier isInForce(InForce then) {
        return () -> inForce.get().epoch() == then.epoch();
    }

    private static Predicate<Opening> which(Where where, InetAddress from) {
        if (where instanceof Where.Everywhere) {
            return opening -> true;
        }
        InetAddress address = where instanceof Where.At at ? withoutZone(at.address()) : from;
        return opening -> opening.source().equals(address);
    }

    private CompletionStage<Reply> status(InForce now, Client client, InetAddress from, Request.Status status) {
        if (status.everyone() && !judgement.administers(now.admission().policy(), client)) {
            return refuse(
                    client,
                    from,
                    Refusal.NOT_PERMITTED,
                    "it asks for what others hold and is no administrator",
                    Optional.empty());
        }
        Instant at = grants.instant();
        List<Grant> live = (status.everyone() ? book.all() : book.of(client))
                .stream().filter(g -> g.until().isAfter(at)).toList();
        List<Reply.Held> held = live.stream()
                .limit(Reply.Listed.MOST)
                .map(g -> new Reply.Held(
                        g.opening().source(),
                        g.opening().service(),
                        Duration.ofSeconds(Duration.between(at, g.until()).toSeconds()),
                        status.everyone()
                                ? Optional.of(new Reply.Owner(
                                        g.client().fingerprint(), g.client().name()))
                                : Optional.empty()))
                .toList();
        return done(new Reply.Listed(from, held, live.size() - held.size()));
    }

    private Reply told(Client client, InetAddress from, Refusal why, Optional<String> rule) {
        return refused(client, from, new Reply.Refused(why), Reasons.of(why), rule);
    }

    private CompletionStage<Reply> refuse(
            Client client, InetAddress from, Refusal why, String reason, Optional<String> rule) {
        return done(refused(client, from, new Reply.Refused(why), reason, rule));
    }

    private Reply refused(Client client, InetAddress from, Reply.Refused reply, String reason, Optional<String> rule) {
        journal.refused(Optional.of(client), from, Optional.of(reply.reason()), reason, rule);
        return reply;
    }

    private Set<String> held(Client client, InetAddress address) {
        return book.of(client).stream()
                .map(Grant::opening)
                .filter(o -> o.source().equals(address))
                .map(Opening::service)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static CompletionStage<Reply> done(Reply reply) {
        return CompletableFuture.completedFuture(reply);
    }

    private static List<Opening> openings(InetAddress address, Collection<String> services) {
        return services.stream().map(s -> new Opening(address, s)).toList();
    }

    private static InetAddress withoutZone(InetAddress address) {
        return new Opening(address, "").source();
    }
}
