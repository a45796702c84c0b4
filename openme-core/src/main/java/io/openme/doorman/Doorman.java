package io.openme.doorman;

import io.openme.firewall.FrontDoor;
import io.openme.internal.grants.Grant;
import io.openme.internal.grants.GrantBook;
import io.openme.internal.grants.GrantTable;
import io.openme.internal.grants.RateLimiter;
import io.openme.internal.listener.KnockListener;
import io.openme.internal.listener.Limits;
import io.openme.internal.state.GrantFile;
import io.openme.internal.vitals.Vitals;
import io.openme.internal.writer.FirewallWriter;
import io.openme.internal.writer.FirewallWriter.Verdict;
import io.openme.protocol.Answer;
import io.openme.protocol.Command;
import io.openme.protocol.Reply;
import io.openme.protocol.Request;
import io.openme.spi.Capability;
import io.openme.spi.DoorLimit;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.FirewallException;
import io.openme.spi.OpenmeException;
import io.openme.spi.Service;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens guarded ports for clients that prove who they are, for a limited time.
 *
 * <p>Between {@link #start()} and {@link #close()} it listens for knocks over mutual TLS and keeps a {@link Firewall}
 * closed to everyone without a live grant. Its threads are daemons named {@code openme-...}; it installs no shutdown hook,
 * registers no security provider and changes no other global state. Safe for use by several threads.
 */
public final class Doorman implements AutoCloseable {
    /** The port of the protocol: 54154. */
    public static final int DEFAULT_PORT = 54154;

    /** How long a grant lives unless said otherwise: 1 hour. */
    public static final Duration DEFAULT_LIFETIME = Duration.ofHours(1);

    /**
     * How many new connections a firewall lets through to a doorman from each source unless said otherwise: 200 at once, and 20
     * a second.
     *
     * <p>A knock is one connection, and who holds a grant of an hour knocks three times in it. So one address can stand for tens of
     * thousands of clients, which is more than any carrier puts behind one, and 200 of them may come back at the same moment.
     * And somebody who only costs handshakes gets a few hundredths of a processor for each address that he has.
     */
    public static final DoorLimit DEFAULT_LISTEN_LIMIT = new DoorLimit(200, Duration.ofSeconds(10));

    /**
     * How often each client may open or renew unless its policy says otherwise: 60 times at once, and 60 a minute.
     *
     * <p>Who holds something renews it a few times in its lifetime. A client that knocks in a loop is bounded in what it makes
     * the firewall do, and in how many lines it writes into the logs.
     */
    public static final AccessPolicy.Rate DEFAULT_RATE = new AccessPolicy.Rate(60, Duration.ofMinutes(1));

    private static final Logger LOG = LoggerFactory.getLogger(Doorman.class);
    private static final int MOST_GRANTS = 256;
    /** A client has at least an address of IPv4 and one of IPv6 for each service, and as many again while it moves. */
    private static final int ADDRESSES = 4;

    /** A client gets one of so many shares of what the firewall has room for. */
    private static final int SHARES = 16;
    /** For what is under way and the last command of a backend. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private final DoormanSettings settings;
    private final Set<String> services;
    private final Journal journal;
    private final GrantBook book = new GrantBook();
    private final Reloader reloader;
    private final Reception reception;
    private final KnockListener listener;
    private final Vitals vitals;
    /** Held while starting and closing; never while a listener hears of anything on a thread that these wait for. */
    private final ReentrantLock lifecycle = new ReentrantLock();

    private volatile State state = State.NEW;
    private volatile @Nullable Thread firewallThread;
    private volatile @Nullable FirewallWriter writer;
    private @Nullable ExecutorService executor;
    private volatile @Nullable GrantFile memory;

    private enum State {
        NEW,
        STARTED,
        FAILED,
        CLOSING,
        CLOSED
    }

    Doorman(DoormanSettings settings) {
        this.settings = settings;
        this.services =
                settings.context().services().stream().map(Service::name).collect(Collectors.toUnmodifiableSet());
        this.journal = new Journal(settings.listeners(), settings.metrics());
        Judgement judgement = new Judgement(services);
        this.reloader = new Reloader(settings, judgement, book, journal);
        this.reception = new Reception(
                services,
                judgement,
                reloader::now,
                book,
                new RateLimiter(settings.grants(), settings.ratePerClient()),
                journal,
                settings.dates(),
                settings.grants());
        this.vitals = new Vitals(settings.patience(), this::fail);
        this.listener = new KnockListener(
                settings.addresses(),
                Limits.defaults(),
                () -> reloader.now().tls().newServerEngine(),
                new Door(),
                vitals);
    }

    /** What the listener hands over. */
    private final class Door implements KnockListener.Handler {
        @Override
        public long epoch() {
            return reloader.now().epoch();
        }

        @Override
        public void connected(Client client, InetAddress peer, Duration took) {
            journal.connected(client, peer, took);
        }

        @Override
        public CompletionStage<Reply> ask(Client client, InetAddress peer, Request request, long epoch) {
            return reception.handle(client, peer, request, epoch);
        }

        @Override
        public void refused(InetAddress peer, String reason, Duration took) {
            journal.refused(peer, reason, took);
        }
    }

    /** A builder with the defaults that its methods name. */
    public static DoormanBuilder builder() {
        return new DoormanBuilder();
    }

    /**
     * Listens, and closes the guarded ports to everyone but those whose grants a {@linkplain DoormanBuilder#stateDirectory state
     * directory} holds; whatever else an earlier run left open is closed. Returns when both are done. May be called once. An
     * address that can't be listened on is found before the firewall is touched; on any failure nothing is left running.
     *
     * @throws OpenmeException if an address can't be listened on or the state directory can't be used
     * @throws FirewallException if no firewall is usable, or the chosen one failed
     * @throws IllegalStateException if it was started or closed before
     */
    public void start() {
        lifecycle.lock();
        try {
            if (state != State.NEW) {
                throw new IllegalStateException("a doorman starts once; this one was " + state);
            }
            state = State.CLOSED;
            int taken;
            Firewall firewall = settings.firewall().get();
            try {
                requireCut(firewall);
                taken = run(firewall);
            } catch (RuntimeException | Error e) {
                try {
                    stop();
                    if (writer == null) {
                        firewall.close();
                    }
                } catch (RuntimeException later) {
                    e.addSuppressed(later);
                }
                throw e;
            }
            state = State.STARTED;
            LOG.info("Listening on {}, guarding {}", listener.addresses(), guarded());
            if (!firewall.capabilities().contains(Capability.ENFORCING)) {
                LOG.warn("This firewall enforces nothing: every service stays as reachable as it was");
            }
            journal.started(listener.addresses(), taken);
        } finally {
            lifecycle.unlock();
        }
    }

    /** How many grants of an earlier run it took over. */
    private int run(Firewall firewall) {
        GrantTable table = new GrantTable(settings.grantsPerClient().orElseGet(() -> share(firewall)));
        ScheduledExecutorService thread = newExecutor();
        executor = thread;
        GrantFile file = settings.stateDirectory()
                .map(directory -> GrantFile.open(directory, settings.grants()))
                .orElse(null);
        memory = file;
        FirewallWriter ours = new FirewallWriter(
                firewall,
                table,
                settings.grants(),
                thread,
                journal,
                settings.watchInterval(),
                committed -> {
                    book.write(committed);
                    if (file != null) {
                        file.write(committed);
                    }
                },
                cause -> vitals.died(Thread.currentThread(), cause));
        int taken = file == null ? 0 : restore(file, table);
        writer = ours;
        listener.start();
        listener.addresses()
                .forEach(
                        a -> DoormanBuilder.requireNotGuarded(settings.context().services(), a.getPort()));
        limitDoor(firewall);
        await(thread.submit(ours::install));
        reception.open(ours);
        reloader.start(ours, vitals);
        vitals.addExecutor("openme-firewall", thread, ours::tend);
        vitals.start();
        return taken;
    }

    /** It can't go on: nobody gets in any more, and those who hear of it can start another. Called by the vitals' thread. */
    private void fail(String reason) {
        DoormanListener.Failed event = new DoormanListener.Failed(reason);
        // Not taken while it starts or is closed, which may wait for this very thread.
        if (!lifecycle.tryLock()) {
            return;
        }
        try {
            if (state != State.STARTED) {
                return;
            }
            state = State.FAILED;
        } finally {
            lifecycle.unlock();
        }
        try {
            journal.failed(event);
        } finally {
            // Who knocks is turned away at once, rather than wait for what does not come.
            reception.close();
            listener.close();
        }
    }

    /** What a client may hold, so that one that takes all it can leaves room for others. */
    private int share(Firewall firewall) {
        int share = firewall.room().orElse(Integer.MAX_VALUE) / SHARES;
        return Math.min(MOST_GRANTS, Math.max(ADDRESSES * services.size(), share));
    }

    /** Takes over the grants of an earlier run whose client is still trusted and whose service is still guarded. */
    private int restore(GrantFile file, GrantTable table) {
        GrantTable.Transaction transaction = table.begin();
        List<Grant> dropped = new ArrayList<>();
        List<Grant> shorter = new ArrayList<>();
        int kept = 0;
        for (Grant grant : file.grants()) {
            Optional<Grant> good = stillGood(grant);
            if (good.isPresent() && transaction.take(good.get())) {
                kept++;
                good.filter(cut -> !cut.equals(grant)).ifPresent(shorter::add);
            } else {
                dropped.add(grant);
            }
        }
        book.write(transaction.commit());
        file.write(new GrantTable.Committed(shorter, dropped));
        LOG.info("Took over {} grant(s) of an earlier run, dropped {}", kept, dropped.size());
        return kept;
    }

    /** What is left of a grant; empty if nothing is. */
    private Optional<Grant> stillGood(Grant grant) {
        Optional<Verdict> verdict = reloader.verdict(grant);
        verdict.ifPresent(
                v -> LOG.info("{} may not keep {} as it was: {}", grant.client(), grant.opening(), v.reason()));
        return verdict.isEmpty()
                ? Optional.of(grant)
                : verdict.flatMap(Verdict::until).map(grant::until);
    }

    private void limitDoor(Firewall firewall) {
        settings.listenLimit()
                .filter(limit -> !FrontDoor.limit(firewall, listener.addresses(), limit))
                .ifPresent(limit -> LOG.info(
                        "This firewall can't limit new connections to the doorman itself ({} in {} of each source): it takes"
                                + " them all, and defends itself",
                        limit.connections(),
                        limit.per()));
    }

    private void requireCut(Firewall firewall) {
        for (Service service : settings.context().services()) {
            // One that enforces nothing cuts nothing either, and is asked for on purpose.
            if (service.established() == Service.Established.CUT
                    && firewall.capabilities().contains(Capability.ENFORCING)
                    && !firewall.capabilities().contains(Capability.CUT)) {
                throw new FirewallException(
                        FirewallException.Reason.MISCONFIGURED,
                        "service " + service.name() + " is to cut its connections, which this firewall can't;"
                                + " use another firewall, or let the service keep them");
            }
        }
    }

    private String guarded() {
        return settings.context().services().stream()
                .map(s -> s.name() + " " + s.ports())
                .collect(Collectors.joining(", "));
    }

    /**
     * Handles one command of the written protocol; as {@link #handle(Client, InetAddress, Request)}.
     *
     * @return {@link Answer#OK} for a reply that is {@linkplain Reply#ok() OK}, {@link Answer#KO} for a refusal
     */
    public CompletionStage<Answer> handle(Client client, InetAddress from, Command command) {
        return handle(client, from, Request.of(command)).thenApply(Reply::answer);
    }

    /**
     * Handles one request of a verified client, as if it had come over the wire: the seam for a transport of your own.
     * Never blocks.
     *
     * @param client who asks; the caller has verified that it holds the key of its certificate. The doorman's own trust has
     *     to believe the certificate, which is checked each time, and again at a reload and a restart
     * @param from the address that the request came from
     * @return an OK once the firewall has committed the change; {@link Reply.Refused} if nothing changed, at once or after a
     *     change that may have happened was undone. Completed by one of this doorman's threads or by the caller's; it takes
     *     as long as the firewall does. Completed exceptionally if the doorman was closed and nobody knows
     */
    public CompletionStage<Reply> handle(Client client, InetAddress from, Request request) {
        return reception.handle(client, from, request, Reception.NOT_VERIFIED);
    }

    /**
     * Takes identity, trust and policy anew from the source that the builder was given, and takes from clients what these
     * allow no longer: who was revoked, or whose policy lost a service, is closed when this returns. Connections and
     * everybody else's grants stay. A revocation list that has become too old closes nothing that is open, but lets nobody
     * in. The same happens by itself when one of the {@linkplain DoormanBuilder#admission watched files} changes.
     *
     * <p>Blocks for the files and for the firewall, a minute at the most; must not be called by a {@link DoormanListener}.
     *
     * @return how many grants were taken back
     * @throws OpenmeException if what the source gives can't be used - a damaged file, an earlier revocation list than the
     *     one in use, an expired certificate; then nothing has changed
     * @throws FirewallException if the firewall does not take the change in time: new knocks are decided by what is new, and
     *     what is to be closed stays due
     * @throws IllegalStateException if it is not running
     */
    public int reload() {
        return reload(reloader::reload);
    }

    /**
     * The same with what the caller gives, in place of the source.
     *
     * @throws OpenmeException if it can't be used; then nothing has changed
     * @throws FirewallException if the firewall does not take the change in time
     * @throws IllegalStateException if it is not running
     */
    public int reload(Admission admission) {
        return reload(() -> reloader.reload(() -> admission));
    }

    private int reload(Supplier<CompletableFuture<Integer>> how) {
        Thread caller = Thread.currentThread();
        if (state != State.STARTED || caller == firewallThread || reloader.isItsThread(caller)) {
            throw new IllegalStateException("a doorman reloads while it runs, and not from one of its own listeners");
        }
        return await(how.get());
    }

    /** How this doorman is at present. Blocks for nothing. */
    public Health health() {
        FirewallWriter ours = writer;
        Instant now = settings.dates().instant();
        boolean listening = state == State.STARTED;
        boolean inOrder = ours != null && ours.inOrder();
        Optional<String> standstill = vitals.problem();
        List<String> problems = new ArrayList<>();
        standstill.ifPresent(problems::add);
        if (!listening) {
            problems.add("it does not listen");
        }
        if (!inOrder) {
            problems.add("the firewall is not what it should be");
        }
        reloader.failure().ifPresent(reason -> problems.add("not reloaded: " + reason));
        Optional.ofNullable(memory).flatMap(GrantFile::problem).ifPresent(problems::add);
        problems.addAll(journal.problems());
        reloader.terms()
                .filter(term -> term.endsSoon(now))
                .forEach(term ->
                        problems.add(term.what() + (term.isOver(now) ? " ended at " : " ends at ") + term.end()));
        Admission admission = reloader.now().admission();
        return new Health(
                listening,
                inOrder,
                state != State.FAILED && standstill.isEmpty(),
                book.openings(),
                book.size(),
                listening ? listener.connections() : 0,
                admission.identity().certificate().getNotAfter().toInstant(),
                admission.trust().revocationsEnd(),
                reloader.failure(),
                problems);
    }

    /**
     * The port listened on; of several addresses, the first's.
     *
     * @throws IllegalStateException if it is not listening
     */
    public int port() {
        return addresses().get(0).getPort();
    }

    /**
     * The addresses listened on, with their real ports.
     *
     * @throws IllegalStateException if it is not listening
     */
    public List<InetSocketAddress> addresses() {
        if (state != State.STARTED) {
            throw new IllegalStateException("this doorman is not listening; call start() first");
        }
        return listener.addresses();
    }

    /**
     * Stops listening, closes every opening, and leaves the guard as {@link DoormanBuilder#onClose} says. The grants in a state
     * directory stay there for the next start. Idempotent; once it has failed it may be called again. An interrupt does not
     * cut it short. Returns within a minute or so; from a listener's callback while another thread closes it, at once.
     *
     * @throws FirewallException if the firewall could not be brought there; everything else is stopped all the same, and what
     *     did not answer in time goes on in the background
     */
    @Override
    public void close() {
        boolean onFirewallThread = Thread.currentThread() == firewallThread;
        if (onFirewallThread ? !lifecycle.tryLock() : !lock()) {
            return;
        }
        try {
            State before = state;
            if (before == State.NEW) {
                state = State.CLOSED;
            } else if (before == State.STARTED || before == State.FAILED || before == State.CLOSING) {
                state = State.CLOSING;
                stop();
                state = State.CLOSED;
                journal.stopped();
                LOG.info(
                        "Stopped; {}",
                        settings.context().onClose() == OnClose.REMOVE ? "the guard is gone" : "the guard stays");
            }
        } finally {
            lifecycle.unlock();
        }
    }

    private boolean lock() {
        lifecycle.lock();
        return true;
    }

    private void stop() {
        vitals.close();
        reloader.close();
        try {
            listener.close();
        } finally {
            FirewallWriter ours = writer;
            ExecutorService thread = executor;
            if (thread != null) {
                if (ours == null) {
                    closeMemory();
                } else if (Thread.currentThread() == firewallThread) {
                    finish(ours);
                } else {
                    await(thread.submit(() -> finish(ours)));
                }
                // Not shutdownNow(): a close that did not answer in time is still to come true.
                thread.shutdown();
            }
        }
    }

    private void finish(FirewallWriter ours) {
        try {
            ours.close();
        } finally {
            // Whatever the firewall does, another doorman can have the state.
            closeMemory();
        }
    }

    private void closeMemory() {
        GrantFile file = memory;
        if (file != null) {
            file.close();
        }
    }

    private ScheduledExecutorService newExecutor() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "openme-firewall");
            thread.setDaemon(true);
            firewallThread = thread;
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    /** Waits without heeding an interrupt, which is there again afterwards: half a close would leave the ports open. */
    private static <T> T await(Future<T> task) {
        boolean interrupted = false;
        long end = System.nanoTime() + LONGEST_WAIT.toNanos();
        try {
            while (true) {
                try {
                    return task.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new OpenmeException("the firewall backend failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new FirewallException(
                    FirewallException.Reason.TIMED_OUT, "the firewall did not answer within " + LONGEST_WAIT, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
