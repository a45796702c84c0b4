package io.openme.doorman;

import io.openme.doorman.AccessPolicy.Decision;
import io.openme.internal.grants.Grant;
import io.openme.internal.grants.GrantTable;
import io.openme.internal.listener.KnockListener;
import io.openme.internal.listener.Limits;
import io.openme.internal.state.GrantFile;
import io.openme.internal.tls.ServerTls;
import io.openme.internal.writer.FirewallWriter;
import io.openme.internal.writer.FirewallWriter.Outcome;
import io.openme.internal.writer.FirewallWriter.Request;
import io.openme.protocol.Answer;
import io.openme.protocol.Command;
import io.openme.spi.Capability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.FirewallException;
import io.openme.spi.Opening;
import io.openme.spi.OpenmeException;
import io.openme.spi.Service;
import io.openme.tls.Purpose;
import io.openme.tls.UntrustedException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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

    Doorman(DoormanSettings settings) {
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
                .forEach(
                        a -> DoormanBuilder.requireNotGuarded(settings.context().services(), a.getPort()));
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
        Decision decision = decide(
                client,
                new AccessPolicy.Request(
                        address,
                        guest,
                        services,
                        false,
                        Optional.empty(),
                        settings.dates().instant()));
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

    /** How it is now. */
    public Health health() {
        boolean listening = state == State.STARTED;
        return new Health(
                listening,
                listening,
                0,
                0,
                0,
                settings.identity().certificate().getNotAfter().toInstant(),
                Optional.empty(),
                Optional.empty(),
                listening ? List.of() : List.of("it is not listening"));
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
}
