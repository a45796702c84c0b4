package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.openme.internal.listener.Deadlines.Lane;
import io.openme.internal.net.Source;
import io.openme.internal.vitals.Vitals;
import io.openme.protocol.IpLiteral;
import io.openme.testkit.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the listener does when memory runs out in the most inconvenient places: the clock fails there on request. */
@Timeout(60)
class KnockListenerFaultsTest {
    private static final InetAddress LOOPBACK = IpLiteral.parse("127.0.0.1").orElseThrow();
    private static final Limits LIMITS = new Limits(Duration.ofSeconds(60), Duration.ofSeconds(15), 10, 1, 1);
    private static final TestTls TLS = new TestTls();
    private static final TestCertificate ALICE = TLS.client("alice");

    /** Methods, as {@code Class.method}, in which the clock fails, and how often. */
    private final Map<String, Integer> failures = new ConcurrentHashMap<>();

    private final Doorbell bell = new Doorbell();
    private KnockListener listener = listener(TLS.engines(false));

    @AfterEach
    void close() {
        listener.close();
    }

    @Test
    void goesOnWatchingWhenItCanNotEvenComplain() throws IOException {
        listener.start();
        failures.put("Complaints.about", 1);
        failures.put("Deadlines.untilNext", 1);
        listener.wakeUp();
        await().until(failures::isEmpty);

        assertThat(knock()).isEqualTo("OK\n");
    }

    @Test
    void goesOnWorkingWhenItCanNotEvenComplain() throws IOException {
        AtomicBoolean broken = new AtomicBoolean(true);
        Supplier<SSLEngine> engines = TLS.engines(false);
        listener = listener(() -> {
            if (broken.getAndSet(false)) {
                throw new OutOfMemoryError("made up");
            }
            return engines.get();
        });
        listener.start();
        failures.put("Complaints.about", 2);
        assertThatThrownBy(this::knock).isInstanceOf(IOException.class);

        assertThat(knock()).isEqualTo("OK\n");
    }

    @Test
    void saysThatItCanNotGoOnWithoutAClassThatWasLostForWantOfMemory() {
        AtomicReference<Error> fault = new AtomicReference<>(new NoClassDefFoundError("made up"));
        Vitals vitals = new Vitals(Duration.ofMinutes(1), problem -> {});
        listener = new KnockListener(
                List.of(new InetSocketAddress(LOOPBACK, 0)),
                LIMITS,
                () -> {
                    throw Objects.requireNonNull(fault.get());
                },
                bell,
                vitals);
        listener.start();
        assertThatThrownBy(this::knock).isInstanceOf(IOException.class);
        fault.set(new OutOfMemoryError("made up"));
        assertThatThrownBy(this::knock).isInstanceOf(IOException.class);
        assertThat(vitals.problem()).as("what may pass").isEmpty();

        fault.set(new NoClassDefFoundError("Could not initialize class made up"));
        assertThatThrownBy(this::knock).isInstanceOf(IOException.class);
        await().until(() -> vitals.problem().isPresent());
        assertThat(vitals.problem().orElseThrow())
                .isEqualTo("the thread openme-worker-1 has died of java.lang.NoClassDefFoundError:"
                        + " Could not initialize class made up");
    }

    @Test
    void countsNobodyWhoCouldNotBeAdmitted() throws IOException {
        listener.start();
        failures.put("SelectorLoop.admit", 1);
        try (Socket socket = new Socket(LOOPBACK, listener.addresses().get(0).getPort())) {
            assertThat(endsWithoutAByte(socket)).isTrue();
        }
        // There is one place only.
        assertThat(knock()).isEqualTo("OK\n");
    }

    @Test
    void admitsNobodyWhoIsGoneAlreadyAndDoesNotMind() throws IOException {
        try (Selector selector = Selector.open();
                SocketChannel gone = SocketChannel.open()) {
            Shared shared = shared(selector, deadlines());

            new SelectorLoop(
                            shared,
                            new Vitals(Duration.ofMinutes(1), problem -> {}).add("loop", asked -> {}),
                            new Complaints(System::nanoTime, incurable -> {}))
                    .admit(gone);
            assertThat(gone.isOpen()).isFalse();
            assertThat(shared.census().size()).isZero();
        }
    }

    @Test
    // There is nothing real that fails in a close on request, so something is missing.
    @SuppressWarnings("NullAway")
    void givesBackSocketAndPlaceWhateverFailsInAClose() throws IOException {
        try (Selector selector = Selector.open();
                ServerSocketChannel door = ServerSocketChannel.open().bind(new InetSocketAddress(LOOPBACK, 0));
                SocketChannel channel = SocketChannel.open(door.getLocalAddress())) {
            Shared shared = shared(selector, null);
            channel.configureBlocking(false);
            Source source = Source.of(LOOPBACK);
            Connection connection = new Connection(channel, LOOPBACK, source, shared);
            shared.census().enter(source, connection);

            assertThatThrownBy(connection::close).isInstanceOf(NullPointerException.class);
            assertThat(channel.isOpen()).isFalse();
            assertThat(shared.census().size()).isZero();
        }
    }

    private static Deadlines<Connection> deadlines() {
        return new Deadlines<>(
                System::nanoTime,
                EnumSet.allOf(Lane.class).stream()
                        .collect(Collectors.toMap(Function.identity(), lane -> Duration.ofSeconds(1))));
    }

    private Shared shared(Selector selector, Deadlines<Connection> deadlines) {
        return new Shared(new FairQueue<>(), deadlines, new Census<>(LIMITS), selector, TLS.engines(false), bell);
    }

    private KnockListener listener(Supplier<SSLEngine> engines) {
        return new KnockListener(List.of(new InetSocketAddress(LOOPBACK, 0)), LIMITS, engines, bell, this::now);
    }

    private long now() {
        if (!failures.isEmpty()) {
            Set<String> running = StackWalker.getInstance()
                    .walk(frames -> frames.map(KnockListenerFaultsTest::name).collect(Collectors.toSet()));
            for (String method : failures.keySet()) {
                if (running.contains(method)) {
                    failures.computeIfPresent(method, (m, times) -> times == 1 ? null : times - 1);
                    throw new OutOfMemoryError("made up in " + method);
                }
            }
        }
        return System.nanoTime();
    }

    private static String name(StackWalker.StackFrame frame) {
        String type = frame.getClassName();
        return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethodName();
    }

    private String knock() throws IOException {
        // The place of the one before may not be free yet.
        await().until(() -> listener.connections() == 0);
        try (Knocking client =
                new Knocking(TLS.context(ALICE), listener.addresses().get(0), "TLSv1.3")) {
            return client.say("OPENME\n").answer();
        }
    }

    private static boolean endsWithoutAByte(Socket socket) throws IOException {
        socket.setSoTimeout(20_000);
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException e) {
            return String.valueOf(e.getMessage()).contains("reset");
        }
    }
}
