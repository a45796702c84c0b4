package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.openme.protocol.IpLiteral;
import io.openme.protocol.Reply;
import io.openme.spi.OpenmeException;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class KnockListenerTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(ip("127.0.0.1"), 0);

    /** As short as one can be, and with a cipher suite that nobody has. */
    private static final byte[] HOPELESS_HELLO = ByteBuffer.allocate(50)
            .put(new byte[] {0x16, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3})
            .position(5 + 4 + 2 + 32 + 1)
            .put(new byte[] {0, 2, 0x7f, 0x7f, 1, 0})
            .array();

    private static TestTls tls;
    private static TestCertificate alice;

    private final Doorbell bell = new Doorbell();
    private final AtomicLong nanos = new AtomicLong();
    private final List<KnockListener> listeners = new ArrayList<>();

    @BeforeAll
    static void makeCertificates() {
        tls = new TestTls();
        alice = tls.client("alice");
    }

    @AfterEach
    void closeListeners() {
        listeners.forEach(KnockListener::close);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void answersALineWithTheSameLineEnd(String protocol) throws IOException {
        KnockListener listener = start(Limits.defaults());

        assertThat(knock(listener, protocol, "OPENME\n")).isEqualTo("OK\n");
        assertThat(knock(listener, protocol, "MEOPEN 203.0.113.9\r\n")).isEqualTo("OK\r\n");
        assertThat(bell.knocks).containsExactly("alice 127.0.0.1 OPEN", "alice 127.0.0.1 CLOSE address=203.0.113.9");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void keepsNoCertificateThatDoesNotVouchForTheClient(String protocol) throws IOException {
        TestCa below = tls.ca().intermediate("Below");
        TestCertificate bob = below.client("bob").issue();
        // The trusted one is here already, so that of those sent it is the one too many.
        List<X509Certificate> sent = List.of(below.certificate(), tls.ca().certificate());
        TestCertificate all = new TestCertificate(bob.name(), bob.certificate(), sent, bob.key());
        try (Knocking client = connect(start(Limits.defaults()), all, protocol)) {
            assertThat(client.say("OPENME\n").answer()).isEqualTo("OK\n");
        }
        assertThat(bell.chains).containsExactly(List.of(bob.certificate(), below.certificate()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void answersABareCommandOfAClientThatWaits(String protocol) throws IOException {
        assertThat(knock(start(Limits.defaults()), protocol, "OPENME")).isEqualTo("OK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void answersACommandThatEndsWithTheInput(String protocol) throws IOException {
        // The manual clock never lets a quiet time pass: only the end of the input can end this command.
        KnockListener listener = startOnManualClock(Limits.defaults());

        assertThat(exchange(listener, protocol, k -> k.say("OPENME").endOutput()))
                .isEqualTo("OK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void readsALineThatIsCutIntoRecordsOfOneByte(String protocol) throws IOException {
        String answer = knock(start(Limits.defaults()), protocol, "OPENME 203.0.113.9\n".split(""));

        assertThat(answer).isEqualTo("OK\n");
        assertThat(bell.knocks).containsExactly("alice 127.0.0.1 OPEN address=203.0.113.9");
    }

    @Test
    void waitsForTheRestOfALineWhoseBeginningIsACommandToo() throws Exception {
        KnockListener listener = startOnManualClock(Limits.defaults());
        try (Knocking client = connect(listener, alice, "TLSv1.3")) {
            client.say("OPENME");
            pass(listener, KnockListener.QUIET_TIME.minusMillis(1));
            client.say(" 203.0.113.9");
            client.say("9\n");

            assertThat(client.answer()).isEqualTo("OK\n");
        }
        assertThat(bell.knocks).containsExactly("alice 127.0.0.1 OPEN address=203.0.113.99");
    }

    @Test
    void answersNothingButKoToWhatIsNoCommand() throws IOException {
        KnockListener listener = start(Limits.defaults());

        assertThat(knock(listener, "TLSv1.3", "HELLO\n")).isEqualTo("KO\n");
        assertThat(knock(listener, "TLSv1.3", "x".repeat(12_000))).isEqualTo("KO");
        assertThat(bell.knocks).isEmpty();
    }

    @Test
    void ignoresWhatFollowsTheCommand() throws IOException {
        assertThat(knock(start(Limits.defaults()), "TLSv1.3", "OPENME\nMEOPEN\n", "MEOPEN\n"))
                .isEqualTo("OK\n");
        assertThat(bell.knocks).containsExactly("alice 127.0.0.1 OPEN");
    }

    @Test
    void answersWhenTheDecisionComesLaterFromAnotherThread() throws IOException {
        CompletableFuture<Reply> decision = new CompletableFuture<>();
        bell.decision = decision;
        KnockListener listener = start(Limits.defaults());
        try (Knocking client = connect(listener, alice, "TLSv1.3")) {
            client.say("OPENME\n");
            await().until(() -> bell.knocks.size() == 1);
            decision.complete(Doorbell.KO);

            assertThat(client.answer()).isEqualTo("KO\n");
        }
    }

    @Test
    void answersNothingWhenTheDecisionFails() throws IOException {
        bell.decision = CompletableFuture.failedFuture(new IllegalStateException("a fault"));

        assertThat(knock(start(Limits.defaults()), "TLSv1.3", "OPENME\n")).isEmpty();
    }

    @Test
    void answersNothingWhenTheDecisionTakesTooLong() throws Exception {
        bell.decision = new CompletableFuture<>();
        KnockListener listener = startOnManualClock(Limits.defaults());
        try (Knocking client = connect(listener, alice, "TLSv1.3")) {
            client.say("OPENME\n");
            await().until(() -> bell.knocks.size() == 1);
            pass(listener, Limits.defaults().answerTime());

            assertThat(client.answer()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void tellsAClientOfAnotherCaThatItIsRefused(String protocol) throws IOException {
        KnockListener listener = start(Limits.defaults());
        TestTls others = new TestTls();

        try (Knocking client = connect(listener, others.client("mallory"), protocol)) {
            assertThatThrownBy(() -> client.say("OPENME\n").answer())
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("certificate_unknown");
        }
        await().until(() -> !bell.refusals.isEmpty());
        assertThat(bell.refusals)
                .singleElement()
                .asString()
                .startsWith("127.0.0.1 certificate refused: the certificate of mallory");
        assertThat(bell.knocks).isEmpty();
    }

    @Test
    void refusesACertificateForServers() throws IOException {
        KnockListener listener = start(Limits.defaults());

        try (Knocking client = connect(listener, tls.ca().server("alice").issue(), "TLSv1.3")) {
            assertThatThrownBy(() -> client.say("OPENME\n").answer()).isInstanceOf(SSLException.class);
        }
        await().until(() -> !bell.refusals.isEmpty());
        assertThat(bell.knocks).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void tellsAClientWithoutACertificateThatItIsRefused(String protocol) throws IOException {
        KnockListener listener = start(Limits.defaults());
        try (Knocking client = new Knocking(tls.context(null), address(listener), protocol)) {
            // Which alert it is differs: the JDK 17 says bad_certificate in TLS 1.2, later ones handshake_failure.
            assertThatThrownBy(() -> client.say("OPENME\n").answer())
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("fatal alert");
        }
        await().until(() -> !bell.refusals.isEmpty());
        assertThat(bell.knocks).isEmpty();
    }

    @Test
    void refusesAClientOfTls12WhereTheEnginesDo() throws IOException {
        KnockListener listener = start(Limits.defaults(), tls.engines(false));
        try (Knocking client = connect(listener, alice, "TLSv1.2")) {
            assertThatThrownBy(() -> client.say("OPENME\n"))
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("protocol_version");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "OPENME\n",
                "GET / HTTP/1.1\r\n\r\n",
                "\u0016\u0003\u0001\u0002",
                "\u0015\u0003\u0003\u0000\u0002"
            })
    void closesOnWhatIsNoClientHelloWithoutAWord(String garbage) throws IOException {
        KnockListener listener = start(Limits.defaults(), () -> {
            throw new AssertionError("no engine for garbage");
        });
        try (Socket socket = new Socket()) {
            socket.connect(address(listener));
            socket.getOutputStream().write(garbage.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            assertThat(endsWithoutAByte(socket)).isTrue();
        }
        await().until(() -> listener.connections() == 0);
        assertThat(bell.refusals).isEmpty();
    }

    @Test
    void closesOnARecordThatIsTooLongToBeAClientHello() throws IOException {
        KnockListener listener = startOnManualClock(Limits.defaults());
        try (Socket socket = new Socket()) {
            socket.connect(address(listener));
            socket.getOutputStream().write(new byte[] {0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, (byte) 0xfc, 3, 3});

            assertThat(endsWithoutAByte(socket)).isTrue();
        }
    }

    @Test
    void closesOnARecordThatIsLongerThanAllThatAPeerMaySend() throws Exception {
        KnockListener listener = startOnManualClock(Limits.defaults());
        try (Socket socket = new Socket()) {
            socket.connect(address(listener));
            OutputStream out = socket.getOutputStream();
            out.write(clientHello());
            out.write(new byte[] {0x17, 3, 3, 0x40, 0});
            socket.setSoTimeout(20_000);

            // The clock stands still, so it is the length and nothing else that ends this.
            await().until(() -> listener.connections() == 0);
        }
    }

    @Test
    void endsASilentConnectionAtItsDeadlineAndNotBefore() throws Exception {
        KnockListener listener = startOnManualClock(Limits.defaults());
        try (Socket idle = new Socket();
                Socket dripping = new Socket();
                Socket begun = new Socket()) {
            idle.connect(address(listener));
            dripping.connect(address(listener));
            begun.connect(address(listener));
            dripping.getOutputStream().write(clientHello(), 0, 20);
            begun.getOutputStream().write(clientHello());
            assertThat(begun.getInputStream().read()).isEqualTo(0x16);
            await().until(() -> listener.connections() == 3);

            pass(listener, Duration.ofMillis(4999));
            assertThat(knock(listener, "TLSv1.3", "OPENME\n")).isEqualTo("OK\n");
            await().until(() -> listener.connections() == 3);

            pass(listener, Duration.ofMillis(1));
            await().until(() -> listener.connections() == 0);
        }
        assertThat(bell.refusals).isEmpty();
    }

    @Test
    void answersHalfACommandWithKoAtTheDeadline() throws Exception {
        KnockListener listener = startOnManualClock(Limits.defaults());
        try (Knocking client = connect(listener, alice, "TLSv1.3")) {
            client.say("OPEN");
            // The session has the half once a second client, served by the same one worker after it, has its answer.
            assertThat(knock(listener, "TLSv1.3", "OPENME\n")).isEqualTo("OK\n");
            pass(listener, Limits.defaults().knockTime());

            assertThat(client.answer()).isEqualTo("KO");
        }
    }

    @Test
    void letsAClientInWhoseNeighboursHoldAllPlacesOfTheirNatWithSilence() throws Exception {
        KnockListener listener =
                startOnManualClock(new Limits(Duration.ofSeconds(60), Duration.ofSeconds(15), 100, 2, 1));
        try (Socket first = new Socket();
                Socket second = new Socket();
                Socket elsewhere = new Socket()) {
            elsewhere.bind(new InetSocketAddress(ip("127.0.0.2"), 0));
            elsewhere.connect(address(listener));
            first.connect(address(listener));
            await().until(() -> listener.connections() == 2);
            second.connect(address(listener));
            await().until(() -> listener.connections() == 3);

            assertThat(knock(listener, "TLSv1.3", "OPENME\n")).isEqualTo("OK\n");
            assertThat(endsWithoutAByte(first)).isTrue();
            // Nobody else had to go: the clock stands still.
            await().until(() -> listener.connections() == 2);
        }
    }

    @Test
    void resetsANewcomerWhoseNeighboursHaveAllGivenTheirCommandsAndServesOthers() throws Exception {
        CompletableFuture<Reply> decision = new CompletableFuture<>();
        bell.decision = decision;
        KnockListener listener =
                startOnManualClock(new Limits(Duration.ofSeconds(60), Duration.ofSeconds(15), 100, 2, 1));
        try (Knocking first = connect(listener, alice, "TLSv1.3");
                Knocking second = connect(listener, alice, "TLSv1.3");
                Socket third = new Socket()) {
            first.say("OPENME\n");
            second.say("OPENME\n");
            await().until(() -> bell.knocks.size() == 2);
            third.connect(address(listener));
            assertThat(endsWithoutAByte(third)).isTrue();

            bell.decision = CompletableFuture.completedFuture(Doorbell.OK);
            try (Knocking client = new Knocking(tls.context(alice), address(listener), "TLSv1.3", ip("127.0.0.2"))) {
                assertThat(client.say("OPENME\n").answer()).isEqualTo("OK\n");
            }
            decision.complete(Doorbell.OK);
            assertThat(first.answer()).isEqualTo("OK\n");
            assertThat(second.answer()).isEqualTo("OK\n");
        }
    }

    @Test
    void dropsTheOldestSilentConnectionWhenAllPlacesAreTaken() throws Exception {
        KnockListener listener = start(new Limits(Duration.ofSeconds(60), Duration.ofSeconds(15), 2, 2, 1));
        try (Socket first = new Socket();
                Socket second = new Socket()) {
            first.connect(address(listener));
            await().until(() -> listener.connections() == 1);
            second.connect(address(listener));
            await().until(() -> listener.connections() == 2);
            InetAddress other = ip("127.0.0.2");
            try (Knocking client = new Knocking(tls.context(alice), address(listener), "TLSv1.3", other)) {
                assertThat(client.say("OPENME\n").answer()).isEqualTo("OK\n");
            }
            assertThat(endsWithoutAByte(first)).isTrue();
            await().until(() -> listener.connections() == 1);
        }
    }

    @Test
    void makesRoomByWhoHasFailedBeforeWhoIsStillAtIt() throws Exception {
        Limits few = new Limits(Duration.ofSeconds(60), Duration.ofSeconds(15), 4, 100, 1);
        KnockListener listener = startOnManualClock(few);
        List<Socket> hopeless = new ArrayList<>();
        try (Knocking early = connect(listener, alice, "TLSv1.3")) {
            await().until(() -> listener.connections() == 1);
            // More than there are places, and the clock stands still: nothing ends by itself.
            for (int i = 0; i < 20; i++) {
                hopeless.add(fail(listener));
            }
            assertThat(knock(listener, "TLSv1.3", "OPENME\n")).isEqualTo("OK\n");
            assertThat(early.say("OPENME\n").answer()).isEqualTo("OK\n");
        } finally {
            for (Socket socket : hopeless) {
                socket.close();
            }
        }
    }

    @Test
    void endsAPeerThatNeverReadsItsAnswer() throws Exception {
        KnockListener listener = startOnManualClock(Limits.defaults());
        try (Knocking client = connect(listener, alice, "TLSv1.3")) {
            client.say("OPENME\n");
            await().until(() -> bell.knocks.size() == 1);
            // The one worker has sent that answer once a second client has its own.
            assertThat(knock(listener, "TLSv1.3", "OPENME\n")).isEqualTo("OK\n");
            await().until(() -> listener.connections() == 1);
            pass(listener, KnockListener.DRAIN_TIME.minusMillis(1));
            assertThat(knock(listener, "TLSv1.3", "OPENME\n")).isEqualTo("OK\n");
            await().until(() -> listener.connections() == 1);

            pass(listener, Duration.ofMillis(1));
            await().until(() -> listener.connections() == 0);
        }
    }

    @Test
    void knocksFromAnIpv6Address() throws IOException {
        KnockListener listener = listener(List.of(new InetSocketAddress(ip("::1"), 0)), Limits.defaults());
        listener.start();
        try (Knocking client = new Knocking(tls.context(alice), address(listener), "TLSv1.3", ip("::1"))) {
            assertThat(client.say("OPENME 2001:db8::7\n").answer()).isEqualTo("OK\n");
        }
        assertThat(bell.knocks).containsExactly("alice 0:0:0:0:0:0:0:1 OPEN address=2001:db8::7");
    }

    @Test
    void survivesAFaultOfTheEnginesAndOfTheHandler() throws IOException {
        List<Throwable> faults = new ArrayList<>(List.of(new OutOfMemoryError("made up"), new IllegalStateException()));
        Supplier<SSLEngine> good = tls.engines(false);
        KnockListener listener = start(new Limits(Duration.ofSeconds(60), Duration.ofSeconds(15), 10, 10, 1), () -> {
            if (!faults.isEmpty()) {
                Throwable fault = faults.remove(0);
                if (fault instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) fault;
            }
            return good.get();
        });
        for (int i = 0; i < 2; i++) {
            try (Knocking client = connect(listener, alice, "TLSv1.3")) {
                assertThatThrownBy(() -> client.say("OPENME\n")).isInstanceOf(IOException.class);
            }
        }
        assertThat(knock(listener, "TLSv1.3", "OPENME\n")).isEqualTo("OK\n");
    }

    @Test
    void leavesTheFirstAddressFreeWhenTheSecondIsTaken() throws IOException {
        int port = freePort();
        try (ServerSocket taken = new ServerSocket(0, 1, ip("127.0.0.3"))) {
            KnockListener listener = listener(
                    List.of(
                            new InetSocketAddress(ip("127.0.0.1"), port),
                            new InetSocketAddress(ip("127.0.0.3"), taken.getLocalPort())),
                    Limits.defaults());

            assertThatThrownBy(listener::start)
                    .isInstanceOf(OpenmeException.class)
                    .hasMessageContaining("127.0.0.3:" + taken.getLocalPort())
                    .hasMessageContaining("the port is taken");
            new ServerSocket(port, 1, ip("127.0.0.1")).close();
        }
    }

    @Test
    void saysThatAnAddressIsNotOfThisHost() {
        // 192.0.2.0/24 is for documentation, so no host has it.
        KnockListener listener = listener(List.of(new InetSocketAddress(ip("192.0.2.1"), 0)), Limits.defaults());

        assertThatThrownBy(listener::start)
                .isInstanceOf(OpenmeException.class)
                .hasMessageContaining("192.0.2.1:0")
                .hasMessageContaining("no interface of this host has that address");
    }

    @Test
    void bindsBothWildcardsOfAPortOnce() throws IOException {
        KnockListener listener = listener(
                List.of(new InetSocketAddress(ip("0.0.0.0"), 0), new InetSocketAddress(ip("::"), 0)),
                Limits.defaults());
        listener.start();

        assertThat(listener.addresses()).hasSize(1);
        InetSocketAddress v4 =
                new InetSocketAddress(ip("127.0.0.1"), address(listener).getPort());
        try (Knocking client = new Knocking(tls.context(alice), v4, "TLSv1.3")) {
            assertThat(client.say("OPENME\n").answer()).isEqualTo("OK\n");
        }
    }

    @Test
    void closesAtOnceWhatHasNotKnockedAndAnswersWhatHas() throws Exception {
        CompletableFuture<Reply> decision = new CompletableFuture<>();
        bell.decision = decision;
        KnockListener listener = start(Limits.defaults());
        try (Socket idle = new Socket();
                Knocking asked = connect(listener, alice, "TLSv1.3")) {
            idle.connect(address(listener));
            await().until(() -> listener.connections() == 2);
            asked.say("OPENME\n");
            await().until(() -> bell.knocks.size() == 1);
            InetSocketAddress address = address(listener);
            Thread closing = new Thread(listener::close);
            closing.start();

            assertThat(endsWithoutAByte(idle)).isTrue();
            decision.complete(Doorbell.OK);
            assertThat(asked.answer()).isEqualTo("OK\n");
            closing.join(TimeUnit.SECONDS.toMillis(20));
            assertThat(closing.isAlive()).isFalse();
            assertThat(listener.connections()).isZero();
            assertThatThrownBy(() -> new Socket().connect(address)).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void closesTwiceAndBeforeAStart() {
        KnockListener listener = listener(List.of(ANY_PORT), Limits.defaults());
        listener.close();
        listener.close();

        assertThatThrownBy(listener::start).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void leavesNoThreadBehind() {
        KnockListener listener = start(Limits.defaults());
        assertThat(threads(listener)).isNotEmpty().allMatch(Thread::isDaemon);
        String name = "openme-listener-" + address(listener).getPort();
        listener.close();

        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(t -> t.getName().equals(name));
    }

    private static List<Thread> threads(KnockListener listener) {
        String name = "openme-listener-" + address(listener).getPort();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().equals(name))
                .toList();
    }

    private interface Conversation {
        Knocking with(Knocking client) throws IOException;
    }

    private String knock(KnockListener listener, String protocol, String... records) throws IOException {
        return exchange(listener, protocol, client -> client.say(records));
    }

    private static String exchange(KnockListener listener, String protocol, Conversation conversation)
            throws IOException {
        try (Knocking client = connect(listener, alice, protocol)) {
            return conversation.with(client).answer();
        }
    }

    private static Knocking connect(KnockListener listener, TestCertificate who, String protocol) throws IOException {
        return new Knocking(tls.context(who), address(listener), protocol);
    }

    private KnockListener start(Limits limits) {
        return start(limits, tls.engines(true));
    }

    private KnockListener start(Limits limits, Supplier<SSLEngine> engines) {
        return started(new KnockListener(List.of(ANY_PORT), limits, engines, bell));
    }

    /** With one worker, so that what is done is done in order. */
    private KnockListener startOnManualClock(Limits limits) {
        Limits one = new Limits(
                limits.knockTime(), limits.answerTime(), limits.connections(), limits.connectionsPerHost(), 1);
        return started(new KnockListener(List.of(ANY_PORT), one, tls.engines(true), bell, nanos::get));
    }

    private KnockListener started(KnockListener listener) {
        listeners.add(listener);
        listener.start();
        return listener;
    }

    private KnockListener listener(List<InetSocketAddress> addresses, Limits limits) {
        KnockListener listener = new KnockListener(addresses, limits, tls.engines(true), bell);
        listeners.add(listener);
        return listener;
    }

    private void pass(KnockListener listener, Duration time) {
        nanos.addAndGet(time.toNanos());
        listener.wakeUp();
    }

    private static InetSocketAddress address(KnockListener listener) {
        return listener.addresses().get(0);
    }

    private static InetAddress ip(String literal) {
        return IpLiteral.parse(literal).orElseThrow();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, ip("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    /** A connection whose handshake has failed, kept open. */
    private static Socket fail(KnockListener listener) throws IOException {
        Socket socket = new Socket();
        socket.connect(address(listener));
        socket.getOutputStream().write(HOPELESS_HELLO);
        socket.setSoTimeout(20_000);
        assertThat(socket.getInputStream().read()).as("the type of an alert").isEqualTo(0x15);
        return socket;
    }

    private static byte[] clientHello() throws SSLException {
        SSLEngine engine = tls.context(null).createSSLEngine("server", 1);
        engine.setUseClientMode(true);
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), record);
        byte[] bytes = new byte[record.flip().remaining()];
        record.get(bytes);
        return bytes;
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
