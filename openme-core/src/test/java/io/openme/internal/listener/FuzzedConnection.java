package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.doorman.Client;
import io.openme.internal.listener.Deadlines.Lane;
import io.openme.internal.net.Source;
import io.openme.internal.vitals.Pulse;
import io.openme.internal.vitals.Vitals;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Refusal;
import io.openme.protocol.Reply;
import io.openme.protocol.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;

/**
 * One connection to a listener and everything that can happen to it, as a fuzzer writes it: the listener's own selector
 * loop, connection and TLS, with sockets, time and decisions in the fuzzer's hands. On one thread.
 */
final class FuzzedConnection implements KnockListener.Handler {
    private static final Pulse LOOP = new Vitals(Duration.ofMinutes(1), problem -> {}).add("loop", asked -> {});
    private static final Supplier<SSLEngine> TLS13 = FuzzedPeer.TLS.engines(false);
    private static final Supplier<SSLEngine> TLS12 = FuzzedPeer.TLS.engines(true);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Map<Lane, Duration> DEADLINES = Map.of(
            Lane.KNOCK, TICK.multipliedBy(5),
            Lane.QUIET, TICK.dividedBy(4),
            Lane.ANSWER, TICK.multipliedBy(15),
            Lane.DRAIN, TICK,
            Lane.LOST, TICK);
    /** More than all deadlines together. */
    private static final int LAST_TICKS = 60;

    private static final int MOST_WORK_AT_ONCE = 1000;
    private static final InetAddress NOBODY = IpLiteral.parse("192.0.2.99").orElseThrow();
    private static final Scratch SCRATCH = new Scratch();
    private static final ByteBuffer SELECTORS_SCRATCH = ByteBuffer.allocate(ClientHello.LONGEST);

    private static final List<Reply> REPLIES = List.of(
            new Reply.Closed(1),
            new Reply.Opened(NOBODY, Collections.singleton("ssh"), Duration.ofHours(1)),
            new Reply.Listed(
                    NOBODY,
                    Collections.nCopies(
                            Reply.Listed.MOST, new Reply.Held(NOBODY, "ssh", Duration.ofHours(1), Optional.empty())),
                    7),
            new Reply.Refused(Refusal.NOT_PERMITTED),
            new Reply.Refused(Refusal.NOT_TRUSTED));

    private final ByteBuffer script;
    private final FuzzedPeer client;
    private final MemorySocket socket = new MemorySocket();
    private final MemorySelector selector = new MemorySelector(this::happens);
    private final Shared shared;
    /** Waits behind all work that is there, so that a look for work never blocks. */
    private final Connection nothing;

    private byte[] heldBack = {};
    private Optional<CompletableFuture<Reply>> decision = Optional.empty();
    private long now;
    private int complaints;
    private int connected;
    private int asked;
    private int allowed;
    private int lastTicks;
    private Optional<Throwable> fault = Optional.empty();

    FuzzedConnection(byte[] bytes) throws IOException {
        script = ByteBuffer.wrap(bytes);
        int kind = next();
        client = new FuzzedPeer(kind, (kind & 0x40) == 0 ? new byte[0] : repeated());
        shared = new Shared(
                new FairQueue<>(),
                new Deadlines<>(() -> now, DEADLINES),
                new Census<>(new Limits(Duration.ofSeconds(5), Duration.ofSeconds(15), 4, 4, 1)),
                selector,
                (kind & 0x20) == 0 ? TLS13 : TLS12,
                this);
        MemorySocket other = new MemorySocket();
        other.configureBlocking(false);
        nothing = new Connection(other, NOBODY, Source.of(NOBODY), shared);
    }

    /** Runs to the end of the connection, and checks what it did. */
    void run() {
        SelectorLoop loop = new SelectorLoop(shared, LOOP, new Complaints(() -> complaints++, incurable -> {}));
        loop.admit(socket);
        loop.run();

        fault.ifPresent(cause -> {
            throw new AssertionError("a fault", cause);
        });
        assertThat(socket.isOpen()).as("is over when all deadlines are").isFalse();
        assertThat(shared.census().size()).as("is forgotten").isZero();
        assertThat(shared.deadlines().untilNext()).as("has no deadline left").isEmpty();
        // One is the complaints' own beginning.
        assertThat(complaints).as("faults").isEqualTo(1);
        if (!client.known()) {
            assertThat(connected + asked)
                    .as("nobody gets in without a certificate")
                    .isZero();
        }
        assertThat(client.heard().lines().filter(line -> line.startsWith("OK")).count())
                .as("says OK only when it was told so")
                .isLessThanOrEqualTo(allowed);
        long turns = asked + client.heard().lines().count();
        assertThat(socket.bytesRead()).isLessThanOrEqualTo((turns + 6) * Knock.MOST_BYTES);
        assertThat(socket.bytesWritten()).isLessThanOrEqualTo((turns + 4) * 64 * 1024);
    }

    /** Has the next thing happen, in place of a wait; false once the connection is over. */
    private boolean happens() {
        try {
            return socket.isOpen() && goOn();
        } catch (Throwable e) {
            // The loop outlives everything.
            fault = Optional.of(e);
            return false;
        }
    }

    private boolean goOn() {
        if (script.hasRemaining()) {
            step();
        } else {
            now += TICK.toNanos();
            lastTicks++;
        }
        settle();
        return lastTicks < LAST_TICKS;
    }

    private void step() {
        switch (next() % 15) {
            case 0 -> socket.arrive(bytes(next()));
            case 1, 2 -> deliver(client.flight());
            case 3 -> deliver(spoilt(client.flight()));
            case 4 -> sendBeginning(client.flight());
            case 5 -> deliver(new byte[0]);
            case 6 -> deliver(client.say(bytes(next())));
            case 7 -> deliver(spoilt(client.say(bytes(next()))));
            case 8 -> deliver(client.handshakeAgain());
            case 9 -> deliver(client.close());
            case 10 -> client.receive(socket.takeSent());
            case 11 -> decide(next());
            case 12 -> now += TICK.toNanos() * next() / 16;
            case 13 -> socket.window(next() * 64);
            default -> {
                if (next() % 2 == 0) {
                    socket.endInput();
                } else {
                    socket.reset();
                }
            }
        }
    }

    /** Has the peer send what was held back, and this. */
    private void deliver(byte[] bytes) {
        socket.arrive(heldBack);
        heldBack = new byte[0];
        socket.arrive(bytes);
    }

    private byte[] spoilt(byte[] bytes) {
        int at = next() << 8 | next();
        int mask = next();
        if (bytes.length > 0) {
            bytes[at % bytes.length] ^= (byte) mask;
        }
        return bytes;
    }

    /** Sends the beginning, and keeps the rest for later. */
    private void sendBeginning(byte[] bytes) {
        deliver(new byte[0]);
        int length = Math.min(bytes.length, next() << 8 | next());
        socket.arrive(Arrays.copyOf(bytes, length));
        heldBack = Arrays.copyOfRange(bytes, length, bytes.length);
    }

    /** A length, how often the bytes of that length come, and the bytes. */
    private byte[] repeated() {
        int length = next() << 8 | next();
        int times = Math.min(next() << 8 | next(), Knock.MOST_BYTES / Math.max(1, length));
        byte[] piece = bytes(length);
        byte[] all = new byte[piece.length * times];
        for (int i = 0; i < all.length; i++) {
            all[i] = piece[i % piece.length];
        }
        return all;
    }

    private void decide(int how) {
        decision.ifPresent(waiting -> {
            decision = Optional.empty();
            if (how % (REPLIES.size() + 1) == REPLIES.size()) {
                waiting.completeExceptionally(new IllegalStateException("nobody knows"));
            } else {
                Reply reply = REPLIES.get(how % (REPLIES.size() + 1));
                allowed += reply.ok() ? 1 : 0;
                waiting.complete(reply);
            }
        });
    }

    /** Lets the selector's thread and the workers do all that they can do now. */
    private void settle() {
        for (int i = 0; i < MOST_WORK_AT_ONCE; i++) {
            if (!work() && !ready()) {
                return;
            }
        }
        throw new AssertionError("it spins");
    }

    private boolean ready() {
        SelectionKey key = socket.keyFor(selector);
        if (key == null || !key.isValid()) {
            return false;
        }
        boolean readable = (key.interestOps() & SelectionKey.OP_READ) != 0 && socket.isReadable();
        boolean writable = (key.interestOps() & SelectionKey.OP_WRITE) != 0 && socket.isWritable();
        if (readable || writable) {
            carryOut(() -> ((Connection) key.attachment()).ready(SELECTORS_SCRATCH), (Connection) key.attachment());
        }
        return readable || writable;
    }

    private boolean work() {
        boolean worked = false;
        shared.queue().add(Source.of(NOBODY), nothing, false);
        // Begun work goes first, but not for ever: only a second look finds that there is none.
        for (int looks = 0; looks < 2; ) {
            Connection next = take();
            if (next == nothing) {
                looks++;
                if (looks < 2) {
                    shared.queue().add(Source.of(NOBODY), nothing, false);
                }
            } else {
                worked = true;
                carryOut(() -> next.work(SCRATCH), next);
            }
        }
        return worked;
    }

    private Connection take() {
        try {
            return shared.queue().take(() -> {}).orElseThrow();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    /** Only the peer's going away is no fault. */
    private static void carryOut(Work work, Connection connection) {
        try {
            work.run();
        } catch (IOException e) {
            connection.close();
        }
    }

    @Override
    public long epoch() {
        return 0;
    }

    @Override
    public void connected(Client who, InetAddress peer, Duration took) {
        connected++;
        assertThat(who.name()).isEqualTo("alice");
    }

    @Override
    public CompletionStage<Reply> ask(Client who, InetAddress peer, Request request, long epoch) {
        assertThat(connected).as("asks for nobody").isEqualTo(1);
        assertThat(decision).as("asks for one thing at a time").isEmpty();
        asked++;
        CompletableFuture<Reply> waiting = new CompletableFuture<>();
        decision = Optional.of(waiting);
        return waiting;
    }

    @Override
    public void refused(InetAddress peer, String reason, Duration took) {
        assertThat(reason).matches("[ -~]{1,200}");
    }

    private int next() {
        return script.hasRemaining() ? script.get() & 0xff : 0;
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[Math.min(length, script.remaining())];
        script.get(bytes);
        return bytes;
    }
}
