package io.openme.knocker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.knocker.KnockResult.Status;
import io.openme.protocol.Command;
import io.openme.protocol.IpLiteral;
import io.openme.testkit.ManualTime;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KnockerTest {
    private static final TestCa CA = TestCa.create();
    private static final TestCertificate ALICE = CA.client("alice").issue();
    private static final InetAddress LOOPBACK = IpLiteral.parse("127.0.0.1").orElseThrow();
    private static final InetAddress GUEST = IpLiteral.parse("192.0.2.7").orElseThrow();

    @Test
    void opensAPortOnAServerThatBehavesAsTheOriginal() {
        try (OriginalServer server = server("127.0.0.1")) {
            KnockResult result = knocker(server.port()).open();
            assertThat(result.status()).as(result.detail()).isEqualTo(Status.GRANTED);
            assertThat(server.heard()).containsExactly("OPENME", "OPEN ME");
        }
    }

    @Test
    void opensForAGuestAndClosesOnAServerThatBehavesAsTheOriginal() {
        try (OriginalServer server = server("127.0.0.1")) {
            assertThat(knocker(server.port()).knock(Command.openFor(GUEST)).granted())
                    .isTrue();
            assertThat(knocker(server.port()).knock(Command.close()).granted()).isTrue();
            assertThat(knocker(server.port()).knock(Command.closeFor(GUEST)).granted())
                    .isTrue();
            assertThat(server.heard())
                    .containsExactly("OPENME 192.0.2.7", "OPEN 192.0.2.7", "MEOPEN", "MEOPEN 192.0.2.7");
        }
    }

    @Test
    void takesKoForARefusal() {
        try (OriginalServer server = server("127.0.0.1")) {
            KnockResult result = knocker(server.port())
                    .knock(Command.closeFor(IpLiteral.parse("192.0.2.8").orElseThrow()));
            assertThat(result.status()).isEqualTo(Status.REFUSED);
            assertThat(result.granted()).isFalse();
        }
    }

    @Test
    void looksAtTheCertificateAgainThoughTheServerOffersToResume() {
        ManualTime time = new ManualTime(Instant.now());
        // It sends tickets, as the JDK does unless told otherwise.
        try (OriginalServer server = server("127.0.0.1")) {
            Knocker knocker = builder(server.port()).clock(time.clock()).build();
            assertThat(knocker.open().granted()).isTrue();

            time.advance(Duration.ofDays(60));

            KnockResult late = knocker.open();
            assertThat(late.status()).as(late.detail()).isEqualTo(Status.WRONG_SERVER);
            assertThat(late.detail()).contains("expired");
        }
    }

    @Test
    void believesNoServerOfAnotherCa() {
        TestCa other = TestCa.create();
        try (OriginalServer server =
                new OriginalServer(CA, other.server("127.0.0.1").issue(), LOOPBACK)) {
            KnockResult result = knocker(server.port()).open();
            assertThat(result.status()).isEqualTo(Status.WRONG_SERVER);
        }
    }

    @Test
    void believesNoServerOfAnotherNameAndSaysWhichNamesItHas() {
        try (OriginalServer server = server("gate.example.org")) {
            KnockResult result = knocker(server.port()).open();
            assertThat(result.status()).isEqualTo(Status.WRONG_SERVER);
            assertThat(result.detail()).contains("gate.example.org").contains("127.0.0.1");
            assertThat(server.heard()).noneMatch(line -> line.startsWith("OPEN"));
        }
    }

    @Test
    void expectsAnotherNameWhenToldTo() {
        try (OriginalServer server = server("gate.example.org")) {
            KnockResult result = builder(server.port())
                    .serverName("gate.example.org")
                    .build()
                    .open();
            assertThat(result.status()).as(result.detail()).isEqualTo(Status.GRANTED);
        }
    }

    @Test
    void believesNoClientCertificateAsAServer() {
        try (OriginalServer server =
                new OriginalServer(CA, CA.client("mallory").names("127.0.0.1").issue(), LOOPBACK)) {
            assertThat(knocker(server.port()).open().status()).isEqualTo(Status.WRONG_SERVER);
        }
    }

    @Test
    void aServerThatRefusesTheCertificateIsNoSuccess() {
        TestCa other = TestCa.create();
        // Its clients are of another CA; its own certificate is of ours.
        try (OriginalServer server =
                new OriginalServer(other, CA.server("127.0.0.1").issue(), LOOPBACK)) {
            KnockResult result = knocker(server.port()).open();
            assertThat(result.status()).as(result.detail()).isEqualTo(Status.NOT_AUTHENTICATED);
            assertThat(result.detail()).contains("certificate_unknown");
        }
    }

    @Test
    void nobodyListeningIsUnreachable() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, LOOPBACK)) {
            port = closed.getLocalPort();
        }
        KnockResult result = knocker(port).open();
        assertThat(result.status()).isEqualTo(Status.UNREACHABLE);
        assertThat(result.detail()).contains("127.0.0.1 port " + port);
        assertThat(result.server()).isEmpty();
    }

    @Test
    void aNameWithoutAnAddressIsUnreachable() {
        KnockResult result =
                builder(1).server("no-such-host.invalid", 1).build().open();
        assertThat(result.status()).isEqualTo(Status.UNREACHABLE);
        assertThat(result.detail()).contains("no-such-host.invalid");
    }

    @Test
    void triesEveryAddressOfTheName() {
        // Listens on one of the addresses that localhost has where it has both.
        for (InetAddress address : localhost()) {
            try (OriginalServer server =
                    new OriginalServer(CA, CA.server("localhost").issue(), address)) {
                KnockResult result = builder(server.port())
                        .server("localhost", server.port())
                        .build()
                        .open();
                assertThat(result.status()).as(result.detail()).isEqualTo(Status.GRANTED);
            }
        }
    }

    @Test
    void aServerThatSaysNothingTimesOut() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, LOOPBACK)) {
            KnockResult result = builder(silent.getLocalPort())
                    .timeout(Duration.ofMillis(200))
                    .build()
                    .open();
            assertThat(result.status()).isEqualTo(Status.TIMED_OUT);
            assertThat(result.elapsed()).isBetween(Duration.ofMillis(200), Duration.ofSeconds(5));
        }
    }

    @Test
    void aServerThatDripsTimesOutAllTheSame() throws IOException {
        // The header of a record of 16 KB, which then comes one byte at a time: no single read is ever late.
        try (ServerSocket dripping = serving(socket -> {
            socket.getOutputStream().write(new byte[] {0x16, 3, 3, 0x40, 0});
            while (true) {
                socket.getOutputStream().write(2);
                socket.setSoTimeout(20);
                try {
                    socket.getInputStream().readNBytes(100_000);
                } catch (SocketTimeoutException e) {
                    // That is the pause between two drips.
                }
            }
        })) {
            KnockResult result = builder(dripping.getLocalPort())
                    .timeout(Duration.ofMillis(500))
                    .build()
                    .open();
            assertThat(result.status()).as(result.detail()).isEqualTo(Status.TIMED_OUT);
        }
    }

    @Test
    void aServerOfAnotherProtocolIsTheWrongOne() throws IOException {
        try (ServerSocket ssh = serving(socket ->
                socket.getOutputStream().write("SSH-2.0-OpenSSH_9.2\r\n".getBytes(StandardCharsets.US_ASCII)))) {
            assertThat(knocker(ssh.getLocalPort()).open().status()).isEqualTo(Status.WRONG_SERVER);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 42, 49})
    void anAlertBeforeTheServerCanHaveSeenTheCertificateIsNoRefusalOfIt(int alert) throws IOException {
        try (ServerSocket filter = serving(socket -> {
            // A whole ClientHello first, as a filter on the way reads it.
            byte[] header = socket.getInputStream().readNBytes(5);
            socket.getInputStream().readNBytes(((header[3] & 0xff) << 8) + (header[4] & 0xff));
            socket.getOutputStream().write(new byte[] {0x15, 3, 3, 0, 2, 2, (byte) alert});
        })) {
            KnockResult result = knocker(filter.getLocalPort()).open();

            assertThat(result.status()).as(result.detail()).isEqualTo(Status.WRONG_SERVER);
            assertThat(result.detail()).contains("Received fatal alert");
        }
    }

    @Test
    void aServerOfTls12MayRefuseTheCertificateWithinTheHandshake() throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 1, LOOPBACK)) {
            SSLContext context = OriginalServer.context(
                    TestCa.create(), CA.server("127.0.0.1").issue());
            Thread thread = new Thread(() -> {
                try (Socket transport = listening.accept();
                        SSLSocket socket = (SSLSocket)
                                context.getSocketFactory().createSocket(transport, null, transport.getPort(), false)) {
                    socket.setUseClientMode(false);
                    socket.setNeedClientAuth(true);
                    socket.setEnabledProtocols(new String[] {"TLSv1.2"});
                    socket.startHandshake();
                } catch (IOException e) {
                    // It refuses, as it should.
                }
            });
            thread.setDaemon(true);
            thread.start();

            KnockResult result =
                    builder(listening.getLocalPort()).allowTls12(true).build().open();

            assertThat(result.status()).as(result.detail()).isEqualTo(Status.NOT_AUTHENTICATED);
        }
    }

    @Test
    void aServerThatHangsUpIsUnreachable() throws IOException {
        try (ServerSocket rude = serving(socket -> socket.shutdownOutput())) {
            KnockResult result = knocker(rude.getLocalPort()).open();
            assertThat(result.status()).as(result.detail()).isEqualTo(Status.UNREACHABLE);
        }
    }

    @Test
    void saysWhatIsMissing() {
        assertThatThrownBy(() -> Knocker.builder().build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("identity(");
        assertThatThrownBy(() -> Knocker.builder().server("localhost", 70_000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("70000");
    }

    private interface Conversation {
        void hold(Socket socket) throws IOException;
    }

    /** A server that holds this conversation with the first who connects, then waits until that one is gone. */
    private static ServerSocket serving(Conversation conversation) throws IOException {
        ServerSocket listening = new ServerSocket(0, 1, LOOPBACK);
        Thread thread = new Thread(() -> {
            try (Socket socket = listening.accept()) {
                conversation.hold(socket);
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // The knocker is gone: the conversation is over.
            }
        });
        thread.setDaemon(true);
        thread.start();
        return listening;
    }

    private static OriginalServer server(String name) {
        return new OriginalServer(CA, CA.server(name).issue(), LOOPBACK);
    }

    private static Knocker knocker(int port) {
        return builder(port).build();
    }

    private static Knocker.Builder builder(int port) {
        return Knocker.builder()
                .identity(Identity.of(ALICE.key(), ALICE.chain()))
                .trust(Trust.of(CA.certificate()))
                .server("127.0.0.1", port);
    }

    private static InetAddress[] localhost() {
        try {
            return InetAddress.getAllByName("localhost");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
