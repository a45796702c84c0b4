package io.openme.internal.listener;

import io.openme.doorman.Client;
import io.openme.internal.listener.Deadlines.Lane;
import io.openme.internal.vitals.Pulse;
import io.openme.internal.vitals.Vitals;
import io.openme.protocol.Reply;
import io.openme.protocol.Request;
import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Listens for knocks over mutual TLS, and serves those of honest peers while hostile ones attack.
 *
 * <p>One thread accepts and reads; a connection costs it next to nothing until a complete ClientHello is there. All
 * cryptography is done by a few workers, for which the networks of the peers take turns. Each connection has one total time to
 * bring its command, and everything that it may send or make us keep is bounded. All threads are daemons.
 *
 * <p>Peers of TLS 1.2, if the engines allow it, get their answer as those of 1.3 do; a second handshake is refused.
 */
public final class KnockListener implements AutoCloseable {
    /**
     * What tells a bare {@code OPENME} from the beginning of a longer line: as long as the pieces of a line on a bad
     * network come one after the other, and short enough that nobody notices it at the door.
     */
    static final Duration QUIET_TIME = Duration.ofMillis(150);

    /** For the peer to take the answer and close; one that does not read it loses it then. */
    static final Duration DRAIN_TIME = Duration.ofSeconds(2);

    /** What {@link #close()} gives to answers under way, and then to the threads to end. */
    private static final Duration CLOSE_TIME = Duration.ofSeconds(2);

    private final List<InetSocketAddress> wanted;
    private final Limits limits;
    private final Supplier<SSLEngine> engines;
    private final Handler handler;
    private final Vitals vitals;
    private final LongSupplier ticker;
    private @Nullable Running running;
    private boolean closed;

    /** Decides requests, and hears of peers. Called by several workers at once; must not block. */
    public interface Handler {
        /**
         * A number for what is trusted at present; another one once something else is. Asked for before the engine of a
         * connection is.
         */
        long epoch();

        /**
         * A client has proved who it is, and the engine has verified its certificate.
         *
         * @param took since its ClientHello was there
         */
        void connected(Client client, InetAddress peer, Duration took);

        /**
         * Decides a request of a client that has connected.
         *
         * @param peer where the connection comes from
         * @param epoch of what the engine trusted when it verified the client for this request; -1 if that was for another
         *     one before
         * @return completed, by any thread, once the request took effect or was refused. Completed exceptionally it stands
         *     for an outcome that nobody knows: the peer gets no answer
         */
        CompletionStage<Reply> ask(Client client, InetAddress peer, Request request, long epoch);

        /**
         * A handshake failed, such as for a certificate that was refused. Not called for peers that send something else
         * than a ClientHello or fall silent: a scanner makes no noise. Each call has cost its peer a turn at a worker,
         * which bounds how many there can be.
         *
         * @param reason at most 200 printable ASCII characters
         * @param took since its ClientHello was there
         */
        void refused(InetAddress peer, String reason, Duration took);
    }

    private record Running(
            List<ServerSocketChannel> doors,
            List<InetSocketAddress> addresses,
            Shared shared,
            SelectorLoop loop,
            List<Thread> threads) {}

    /**
     * A listener that is not yet listening.
     *
     * @param addresses where to listen; port 0 takes any free one. {@code [::]} takes IPv4 too
     * @param engines makes a server's engine that demands a client certificate and verifies it. Asked for each handshake,
     *     by workers; must not block
     * @param vitals gets a pulse of each thread at the start
     */
    public KnockListener(
            List<InetSocketAddress> addresses,
            Limits limits,
            Supplier<SSLEngine> engines,
            Handler handler,
            Vitals vitals) {
        this(addresses, limits, engines, handler, vitals, System::nanoTime);
    }

    /** One whose threads nobody looks after. */
    KnockListener(List<InetSocketAddress> addresses, Limits limits, Supplier<SSLEngine> engines, Handler handler) {
        this(addresses, limits, engines, handler, System::nanoTime);
    }

    /** The same, with a clock of nanoseconds for all deadlines; who sets it forward calls {@link #wakeUp}. */
    KnockListener(
            List<InetSocketAddress> addresses,
            Limits limits,
            Supplier<SSLEngine> engines,
            Handler handler,
            LongSupplier ticker) {
        this(addresses, limits, engines, handler, new Vitals(Duration.ofHours(1), problem -> {}), ticker);
    }

    private KnockListener(
            List<InetSocketAddress> addresses,
            Limits limits,
            Supplier<SSLEngine> engines,
            Handler handler,
            Vitals vitals,
            LongSupplier ticker) {
        this.wanted = List.copyOf(addresses);
        this.limits = limits;
        this.engines = engines;
        this.handler = handler;
        this.vitals = vitals;
        this.ticker = ticker;
        if (wanted.isEmpty()) {
            throw new IllegalArgumentException("there is no address to listen on; name one, such as [::]:54154");
        }
    }

    /**
     * Binds all addresses and begins to accept. Returns when listening.
     *
     * @throws OpenmeException if an address can't be bound; nothing is bound or running then
     * @throws IllegalStateException if called twice or after {@link #close}
     */
    public synchronized void start() {
        if (running != null || closed) {
            throw new IllegalStateException("a listener starts once");
        }
        List<ServerSocketChannel> doors = Doors.bind(wanted);
        try {
            running = run(doors);
        } catch (IOException e) {
            Doors.close(doors);
            throw new OpenmeException("can't watch the sockets; is there no descriptor left (ulimit -n)?", e);
        } catch (Throwable e) {
            Doors.close(doors);
            throw e;
        }
    }

    private Running run(List<ServerSocketChannel> doors) throws IOException {
        Selector selector = Selector.open();
        Shared shared = new Shared(
                new FairQueue<>(),
                new Deadlines<>(
                        ticker,
                        Map.of(
                                Lane.KNOCK,
                                limits.knockTime(),
                                Lane.QUIET,
                                QUIET_TIME,
                                Lane.ANSWER,
                                limits.answerTime(),
                                Lane.DRAIN,
                                DRAIN_TIME,
                                Lane.LOST,
                                DRAIN_TIME)),
                new Census<>(limits.withConnections(affordable(limits.connections()))),
                selector,
                engines,
                handler);
        Complaints complaints = new Complaints(ticker, cause -> vitals.died(Thread.currentThread(), cause));
        String name = "openme-listener-" + Doors.address(doors.get(0)).getPort();
        SelectorLoop loop = new SelectorLoop(shared, vitals.add(name, asked -> selector.wakeup()), complaints);
        try {
            List<InetSocketAddress> addresses =
                    doors.stream().map(Doors::address).toList();
            for (ServerSocketChannel door : doors) {
                door.register(selector, SelectionKey.OP_ACCEPT);
            }
            List<Thread> threads = new ArrayList<>();
            threads.add(thread(name, loop));
            for (int i = 1; i <= limits.workers(); i++) {
                String worker = "openme-worker-" + i;
                Pulse pulse = vitals.add(worker, asked -> shared.queue().rouse());
                threads.add(thread(worker, new Worker(shared.queue(), pulse, complaints)));
            }
            threads.forEach(Thread::start);
            return new Running(doors, addresses, shared, loop, List.copyOf(threads));
        } catch (Throwable e) {
            loop.stop();
            shared.queue().close();
            selector.close();
            throw e;
        }
    }

    private static int affordable(int connections) {
        return Math.min(Descriptors.connections(connections), Heap.connections(connections));
    }

    private Thread thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler(vitals::died);
        return thread;
    }

    /**
     * Where this listens, with the real ports.
     *
     * @throws IllegalStateException if it was not started
     */
    public List<InetSocketAddress> addresses() {
        return started().addresses();
    }

    /**
     * How many peers are connected.
     *
     * @throws IllegalStateException if it was not started
     */
    public int connections() {
        return started().shared().census().size();
    }

    /** Has the deadlines looked at. */
    void wakeUp() {
        started().shared().selector().wakeup();
    }

    private synchronized Running started() {
        if (running == null) {
            throw new IllegalStateException("the listener was not started; call start() first");
        }
        return running;
    }

    /**
     * Accepts no longer, drops who has not given its command yet, gives answers under way 2 seconds, and ends. Idempotent;
     * takes 4 seconds at most. Must not be called by a {@link Handler}.
     */
    @Override
    public void close() {
        Running ending;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            ending = running;
        }
        if (ending != null) {
            close(ending);
        }
    }

    private static void close(Running running) {
        Shared shared = running.shared();
        Doors.close(running.doors());
        shared.selector().wakeup();
        try {
            shared.census().present().stream().filter(c -> !c.answering()).forEach(Connection::close);
            shared.census().awaitNobody(CLOSE_TIME);
            end(running);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            running.loop().stop();
            shared.queue().close();
            shared.census().present().forEach(Connection::close);
            try {
                shared.selector().close();
            } catch (IOException e) {
                // The descriptors are gone all the same.
            }
        }
    }

    private static void end(Running running) throws InterruptedException {
        running.loop().stop();
        running.shared().queue().close();
        long end = System.nanoTime() + CLOSE_TIME.toNanos();
        for (Thread thread : running.threads()) {
            TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, end - System.nanoTime()));
            thread.interrupt();
        }
    }
}
