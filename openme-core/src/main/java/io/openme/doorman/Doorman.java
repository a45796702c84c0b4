package io.openme.doorman;

import io.openme.doorman.AccessPolicy.Decision;
import io.openme.firewall.Firewalls;
import io.openme.internal.grants.GrantTable;
import io.openme.internal.listener.KnockListener;
import io.openme.internal.listener.Limits;
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
import io.openme.tls.Trust;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
    /** More than the deadlines of a backend's last command. */
    private static final Duration CLOSE_TIME = Duration.ofSeconds(20);

    private final DoormanSettings settings;
    private final Set<String> services;
    private final Journal journal;
    private final KnockListener listener;
    private State state = State.NEW;
    private @Nullable ScheduledExecutorService executor;
    private volatile @Nullable FirewallWriter writer;

    private enum State {
        NEW,
        STARTED,
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
     * Listens, and closes the guarded ports to everyone; what an earlier run left open is closed. Returns when both are
     * done. May be called once. An address that can't be listened on is found before the firewall is touched; on any failure
     * nothing is left running.
     *
     * @throws OpenmeException if an address can't be listened on
     * @throws FirewallException if no firewall is usable, or the chosen one failed
     * @throws IllegalStateException if it was started or closed before
     */
    public synchronized void start() {
        if (state != State.NEW) {
            throw new IllegalStateException("a doorman starts once; this one was " + state);
        }
        state = State.CLOSED;
        Firewall firewall = settings.firewall().get();
        ScheduledExecutorService thread = newExecutor();
        FirewallWriter ours = new FirewallWriter(
                firewall,
                new GrantTable(settings.grantsPerClient()),
                settings.grants(),
                thread,
                journal,
                settings.watchInterval());
        executor = thread;
        writer = ours;
        try {
            listener.start();
            await(thread.submit(ours::install));
        } catch (RuntimeException | Error e) {
            try {
                stop();
            } catch (RuntimeException later) {
                e.addSuppressed(later);
            }
            throw e;
        }
        state = State.STARTED;
        LOG.info(
                "Listening on {}, guarding {}",
                listener.addresses(),
                settings.context().services());
        if (!firewall.capabilities().contains(Capability.ENFORCING)) {
            LOG.warn("This firewall enforces nothing: every service stays as reachable as it was");
        }
    }

    /**
     * Handles one command of a verified client, as if it had come over the wire: the seam for a transport of your own.
     * Never blocks.
     *
     * @param client who asks; the caller has verified it
     * @param from the address that the command came from
     * @return completed by one of this doorman's threads: {@link Answer#OK} once the firewall has committed the change,
     *     {@link Answer#KO} if nothing changed. Never completed exceptionally
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
    public synchronized List<InetSocketAddress> addresses() {
        if (state != State.STARTED) {
            throw new IllegalStateException("this doorman is not listening; call start() first");
        }
        return listener.addresses();
    }

    /**
     * Stops listening, closes every opening, and leaves the guard as {@link Builder#onClose} says. Idempotent; returns
     * within half a minute.
     *
     * @throws FirewallException if the firewall could not be brought there; everything else is stopped all the same
     */
    @Override
    public synchronized void close() {
        boolean started = state == State.STARTED;
        state = State.CLOSED;
        if (started) {
            stop();
            LOG.info(
                    "Stopped; {}",
                    settings.context().onClose() == OnClose.REMOVE ? "the guard is gone" : "the guard stays");
        }
    }

    private void stop() {
        listener.close();
        FirewallWriter ours = Objects.requireNonNull(writer);
        ScheduledExecutorService thread = Objects.requireNonNull(executor);
        try {
            await(thread.submit(ours::close));
        } finally {
            thread.shutdownNow();
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
                LOG.warn("The policy grants {}, but guarded are only {}", granted.services(), services);
                return new Decision.Refused("the policy grants a service that is not guarded");
            }
            return decision;
        } catch (RuntimeException e) {
            LOG.warn("The policy failed; the client is refused", e);
            return new Decision.Refused("the policy failed");
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

    private static ScheduledExecutorService newExecutor() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "openme-firewall");
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    private static void await(Future<?> task) {
        try {
            task.get(CLOSE_TIME.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new OpenmeException("the firewall backend failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new FirewallException(
                    FirewallException.Reason.TIMED_OUT, "the firewall did not answer within " + CLOSE_TIME, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OpenmeException("interrupted while waiting for the firewall", e);
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
            listen.forEach(a -> requireNotGuarded(a.getPort()));
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

        private void requireNotGuarded(int port) {
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
