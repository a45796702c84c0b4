package io.openme.doorman;

import io.openme.doorman.AccessPolicy.Decision;
import io.openme.firewall.Firewalls;
import io.openme.internal.grants.Grant;
import io.openme.internal.grants.GrantTable;
import io.openme.internal.listener.KnockListener;
import io.openme.internal.listener.Limits;
import io.openme.internal.state.GrantFile;
import io.openme.internal.time.SteadyClock;
import io.openme.internal.tls.ServerTls;
import io.openme.internal.writer.FirewallWriter;
import io.openme.internal.writer.FirewallWriter.Outcome;
import io.openme.internal.writer.FirewallWriter.Request;
import io.openme.protocol.Answer;
import io.openme.protocol.Command;
import io.openme.spi.Capability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.FirewallException;
import io.openme.spi.Opening;
import io.openme.spi.OpenmeException;
import io.openme.spi.PortRange;
import io.openme.spi.Protocol;
import io.openme.spi.Service;
import io.openme.tls.Identity;
import io.openme.tls.Purpose;
import io.openme.tls.Trust;
import io.openme.tls.UntrustedException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
import java.util.concurrent.atomic.AtomicBoolean;
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

    private static final Logger LOG = LoggerFactory.getLogger(Doorman.class);
    /** For what is under way and the last command of a backend. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private final DoormanSettings settings;
    private final Set<String> services;
    private final Journal journal;
    private final KnockListener listener;
    /** Held while starting and closing; never while a listener hears of anything on a thread that these wait for. */
    private final ReentrantLock lifecycle = new ReentrantLock();

    private final AtomicBoolean policyComplained = new AtomicBoolean();
    private volatile State state = State.NEW;
    private volatile @Nullable Thread firewallThread;
    private volatile @Nullable FirewallWriter writer;
    private @Nullable ExecutorService executor;
    private @Nullable GrantFile memory;

    private enum State {
        NEW,
        STARTED,
        CLOSING,
        CLOSED
    }

    private Doorman(DoormanSettings settings) {
        this.settings = settings;
        this.services =
                settings.context().services().stream().map(Service::name).collect(Collectors.toUnmodifiableSet());
        this.journal = new Journal(settings.listeners());
        ServerTls tls = new ServerTls(settings.identity(), settings.trust(), settings.dates(), settings.tls12());
        this.listener = new KnockListener(
                settings.addresses(), Limits.defaults(), tls::newServerEngine, new KnockListener.Handler() {
                    @Override
                    public CompletionStage<Answer> knock(Client client, InetAddress peer, Command command) {
                        return handle(client, peer, command);
                    }

                    @Override
                    public void refused(InetAddress peer, String reason) {
                        journal.refused(Optional.empty(), peer, reason);
                    }
                });
    }

    /** A builder with the defaults that its methods name. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Listens, and closes the guarded ports to everyone but those whose grants a {@linkplain Builder#stateDirectory state
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
            Firewall firewall = settings.firewall().get();
            try {
                requireCut(firewall);
                run(firewall);
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
        } finally {
            lifecycle.unlock();
        }
    }

    private void run(Firewall firewall) {
        GrantTable table = new GrantTable(settings.grantsPerClient());
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
                file == null ? committed -> {} : file::write);
        if (file != null) {
            restore(file, table);
        }
        writer = ours;
        listener.start();
        listener.addresses()
                .forEach(a -> Builder.requireNotGuarded(settings.context().services(), a.getPort()));
        await(thread.submit(ours::install));
    }

    /** Takes over the grants of an earlier run whose client is still trusted and whose service is still guarded. */
    private void restore(GrantFile file, GrantTable table) {
        GrantTable.Transaction transaction = table.begin();
        List<Grant> dropped = new ArrayList<>();
        int kept = 0;
        for (Grant grant : file.grants()) {
            if (stillGood(grant) && transaction.open(grant.client(), List.of(grant.opening()), grant.until())) {
                kept++;
            } else {
                dropped.add(grant);
            }
        }
        transaction.commit();
        file.write(new GrantTable.Committed(List.of(), dropped));
        LOG.info("Took over {} grant(s) of an earlier run, dropped {}", kept, dropped.size());
    }

    private boolean stillGood(Grant grant) {
        try {
            settings.trust()
                    .verify(
                            List.of(grant.client().certificate()),
                            Purpose.CLIENT,
                            settings.dates().instant());
            return services.contains(grant.opening().service());
        } catch (UntrustedException e) {
            LOG.info("{} is trusted no longer: {}", grant.client(), e.getMessage());
            return false;
        }
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
     * Handles one command of a verified client, as if it had come over the wire: the seam for a transport of your own.
     * Never blocks.
     *
     * @param client who asks; the caller has verified it
     * @param from the address that the command came from
     * @return {@link Answer#OK} once the firewall has committed the change; {@link Answer#KO} if nothing changed, at once or
     *     after a change that may have happened was undone. Completed by one of this doorman's threads or by the caller's; it
     *     takes as long as the firewall does. Completed exceptionally if the doorman was closed and nobody knows
     */
    public CompletionStage<Answer> handle(Client client, InetAddress from, Command command) {
        InetAddress address = withoutZone(command.address().orElse(from));
        if (command.action() == Command.Action.CLOSE) {
            return submit(client, from, new Request.Close(client, openings(address, services)));
        }
        boolean guest = !address.equals(withoutZone(from));
        Decision decision = decide(client, new AccessPolicy.Request(address, guest, services));
        if (decision instanceof Decision.Granted granted) {
            return submit(
                    client, from, new Request.Open(client, openings(address, granted.services()), granted.lifetime()));
        }
        journal.refused(Optional.of(client), from, ((Decision.Refused) decision).reason());
        return CompletableFuture.completedFuture(Answer.KO);
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
     * Stops listening, closes every opening, and leaves the guard as {@link Builder#onClose} says. The grants in a state
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
            } else if (before == State.STARTED || before == State.CLOSING) {
                state = State.CLOSING;
                stop();
                state = State.CLOSED;
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

    private Decision decide(Client client, AccessPolicy.Request request) {
        Optional<String> objection = request.guest() ? GuestAddress.objection(request.address()) : Optional.empty();
        if (objection.isPresent()) {
            return new Decision.Refused(objection.get());
        }
        try {
            Decision decision = settings.policy().decide(client, request);
            if (decision instanceof Decision.Granted granted && !services.containsAll(granted.services())) {
                complain("it grants " + granted.services() + ", but guarded are only " + services, null);
                return new Decision.Refused("the policy grants a service that is not guarded");
            }
            return Objects.requireNonNull(decision, "the policy decided nothing");
        } catch (RuntimeException e) {
            complain("it failed", e);
            return new Decision.Refused("the policy failed");
        }
    }

    /** Loud once: a client could fill the disk by knocking. */
    private void complain(String what, @Nullable Exception cause) {
        if (policyComplained.compareAndSet(false, true)) {
            LOG.warn(
                    "The access policy is wrong, and its client refused: {}; more of this is logged at DEBUG",
                    what,
                    cause);
        } else {
            LOG.debug("The access policy is wrong, and its client refused: {}", what, cause);
        }
    }

    private CompletionStage<Answer> submit(Client client, InetAddress from, Request request) {
        FirewallWriter ours = writer;
        if (ours == null) {
            return CompletableFuture.completedFuture(Answer.KO);
        }
        return ours.submit(request).thenApply(outcome -> {
            String trouble = switch (outcome) {
                case COMMITTED -> "";
                case TOO_MANY_GRANTS -> "it holds " + settings.grantsPerClient() + " grants, the most it may";
                case FIREWALL_FAILED -> "the firewall failed";
                case NOT_ACCEPTED -> "the doorman is stopping, or too much is waiting";
            };
            if (outcome != Outcome.COMMITTED) {
                journal.refused(Optional.of(client), from, trouble);
            }
            return outcome == Outcome.COMMITTED ? Answer.OK : Answer.KO;
        });
    }

    private static List<Opening> openings(InetAddress address, Collection<String> services) {
        return services.stream().map(s -> new Opening(address, s)).toList();
    }

    private static InetAddress withoutZone(InetAddress address) {
        return new Opening(address, "").source();
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
    private static void await(Future<?> task) {
        boolean interrupted = false;
        long end = System.nanoTime() + LONGEST_WAIT.toNanos();
        try {
            while (true) {
                try {
                    task.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                    return;
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

    /** Collects what a doorman needs. Not safe for use by several threads. */
    public static final class Builder {
        private final List<InetSocketAddress> addresses = new ArrayList<>();
        private final List<Service> services = new ArrayList<>();
        private final List<DoormanListener> listeners = new ArrayList<>();
        private @Nullable Identity identity;
        private @Nullable Trust trust;
        private @Nullable Firewall instance;
        private @Nullable String backend;
        private Map<String, String> options = Map.of();
        private String owner = FirewallContext.DEFAULT_OWNER;
        private OnClose onClose = OnClose.KEEP_GUARD;
        private AccessPolicy policy = AccessPolicy.everyService(DEFAULT_LIFETIME);
        private int grantsPerClient = 256;
        private boolean tls12;
        private Duration watchInterval = Duration.ofMillis(500);
        private @Nullable Path stateDirectory;
        private @Nullable Clock clock;

        private Builder() {}

        /** The doorman's own key and certificate. Required. */
        public Builder identity(Identity ours) {
            identity = Objects.requireNonNull(ours);
            return this;
        }

        /** Whose clients may knock. Required. */
        public Builder trust(Trust whom) {
            trust = Objects.requireNonNull(whom);
            return this;
        }

        /**
         * Listens on this address, in addition to others. Port 0 takes a free port. Default: port {@value #DEFAULT_PORT} of
         * every address of the host, IPv4 and IPv6.
         */
        public Builder listen(InetSocketAddress address) {
            addresses.add(Objects.requireNonNull(address));
            return this;
        }

        /** Listens on this port of every address of the host, IPv4 and IPv6. Port 0 takes a free port. */
        public Builder listen(int port) {
            return listen(new InetSocketAddress(port));
        }

        /**
         * Guards this service, in addition to others. At least one is required.
         *
         * @param ports such as {@code 22/tcp} or {@code 60000-61000/udp}
         * @throws IllegalArgumentException if the name or a port has another form
         */
        public Builder service(String name, String... ports) {
            return service(Service.of(name, ports));
        }

        /** Guards this service, in addition to others. At least one is required. */
        public Builder service(Service service) {
            services.add(Objects.requireNonNull(service));
            return this;
        }

        /**
         * Uses this firewall, which is the doorman's from {@link Doorman#start()} on: it installs and closes it. Default:
         * the best that is usable on this host among the backends on the class path.
         */
        public Builder firewall(Firewall firewall) {
            instance = Objects.requireNonNull(firewall);
            backend = null;
            return this;
        }

        /** Uses the backend of this name, with its defaults. */
        public Builder firewall(String name) {
            return firewall(name, Map.of());
        }

        /** Uses the backend of this name, with these options. */
        public Builder firewall(String name, Map<String, String> backendOptions) {
            backend = Objects.requireNonNull(name);
            options = Map.copyOf(backendOptions);
            instance = null;
            return this;
        }

        /**
         * Tells this doorman's rules from those of another on the same host. Default:
         * {@value FirewallContext#DEFAULT_OWNER}. See {@link FirewallContext#owner()}.
         */
        public Builder owner(String tag) {
            owner = Objects.requireNonNull(tag);
            return this;
        }

        /** What closing leaves on the host. Default: {@link OnClose#KEEP_GUARD}. */
        public Builder onClose(OnClose what) {
            onClose = Objects.requireNonNull(what);
            return this;
        }

        /** Who may open what. Default: every client every service, for {@link #DEFAULT_LIFETIME}. */
        public Builder policy(AccessPolicy who) {
            policy = Objects.requireNonNull(who);
            return this;
        }

        /**
         * Every client may open every service for this long. Replaces the policy.
         *
         * @param lifetime 1 second to 365 days
         */
        public Builder lifetime(Duration lifetime) {
            return policy(AccessPolicy.everyService(lifetime));
        }

        /**
         * How many grants, each one address and one service, one client may hold at once: it bounds what a client can make
         * the host remember. At least 1; default 256.
         */
        public Builder grantsPerClient(int most) {
            grantsPerClient = most;
            return this;
        }

        /**
         * Remembers grants in this directory, so that a restart - even after {@code kill -9} - keeps each for its remaining
         * time. It is made if it is not there, for this user only; one doorman uses it at a time. One to which others may
         * write is refused when the doorman starts: who can write there can let himself in. Default: none, and a restart
         * closes everything.
         */
        public Builder stateDirectory(Path directory) {
            stateDirectory = Objects.requireNonNull(directory);
            return this;
        }

        /**
         * How often to look whether somebody else has changed this doorman's part of the firewall, which is then put back:
         * what was flushed is closed again within this time and a little. More than zero; default 500 ms.
         */
        public Builder watchInterval(Duration interval) {
            if (interval.isZero() || interval.isNegative()) {
                throw new IllegalArgumentException("watch interval " + interval + " is no time; use more than zero");
            }
            watchInterval = interval;
            return this;
        }

        /**
         * Whether peers may use TLS 1.2, too, as programs on old systems need. Default: no, TLS 1.3 only.
         */
        public Builder allowTls12(boolean allowed) {
            tls12 = allowed;
            return this;
        }

        /** Tells this listener what happens, in addition to others. */
        public Builder listener(DoormanListener listener) {
            listeners.add(Objects.requireNonNull(listener));
            return this;
        }

        /**
         * Takes dates and lifetimes from this clock. Default: dates of certificates from the system's clock, lifetimes from
         * one that does not notice when that is set.
         */
        public Builder clock(Clock time) {
            clock = Objects.requireNonNull(time);
            return this;
        }

        /**
         * The doorman, not started yet.
         *
         * @throws IllegalArgumentException if something required is missing or a setting is out of bounds
         */
        public Doorman build() {
            FirewallContext context = new FirewallContext(owner, services, options, onClose);
            List<InetSocketAddress> listen =
                    addresses.isEmpty() ? List.of(new InetSocketAddress(DEFAULT_PORT)) : List.copyOf(addresses);
            listen.forEach(a -> requireNotGuarded(services, a.getPort()));
            if (grantsPerClient < 1) {
                throw new IllegalArgumentException(
                        "a client must be able to hold at least one grant, not " + grantsPerClient);
            }
            Clock dates = clock == null ? Clock.systemUTC() : clock;
            Clock grants = clock == null ? new SteadyClock() : clock;
            return new Doorman(new DoormanSettings(
                    required(identity, "identity", "the doorman's own key and certificate"),
                    required(trust, "trust", "the CA whose clients may knock"),
                    listen,
                    context,
                    firewall(context),
                    policy,
                    grantsPerClient,
                    tls12,
                    watchInterval,
                    Optional.ofNullable(stateDirectory),
                    dates,
                    grants,
                    List.copyOf(listeners)));
        }

        private Supplier<Firewall> firewall(FirewallContext context) {
            Firewall given = instance;
            if (given != null) {
                return () -> given;
            }
            String name = backend;
            return name == null
                    ? () -> Firewalls.onClassPath().openBest(context)
                    : () -> Firewalls.onClassPath().open(name, context);
        }

        private static void requireNotGuarded(List<Service> services, int port) {
            for (Service service : services) {
                if (port != 0 && service.ports().stream().anyMatch(p -> p.overlaps(PortRange.of(Protocol.TCP, port)))) {
                    throw new IllegalArgumentException("service " + service.name() + " guards port " + port
                            + ", where the doorman itself listens: nobody could knock; take it out of the service");
                }
            }
        }

        private static <T> T required(@Nullable T value, String name, String what) {
            if (value == null) {
                throw new IllegalArgumentException("a doorman needs " + what + "; call " + name + "(...)");
            }
            return value;
        }
    }
}
