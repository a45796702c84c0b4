package io.openme.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.Identity;
import io.openme.tls.Peer;
import io.openme.tls.Trust;
import io.openme.tls.UntrustedException;
import io.openme.tls.UntrustedException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientTlsTest {
    private static final TestCa CA = TestCa.create();
    private static final TestCertificate ALICE = CA.client("alice").issue();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "door.example.org",
                "DOOR.Example.Org.",
                "any.wild.example.org",
                "192.0.2.7",
                "2001:db8::7",
                "[2001:DB8:0:0:0:0:0:7]",
                "2001:db8::7%eth0"
            })
    void believesAServerWithTheExpectedName(String name) throws Exception {
        assertThat(knock(server(), name)).isEqualTo("OK");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.org",
                "wild.example.org",
                "a.b.wild.example.org",
                "192.0.2.8",
                "2001:db8::8",
                "anything.tld",
                "xn--dor-sna.example.org"
            })
    void refusesAServerWithoutTheExpectedNameAndListsThoseItHas(String name) {
        assertThatThrownBy(() -> knock(server(), name))
                .isInstanceOf(SSLHandshakeException.class)
                .rootCause()
                .isInstanceOfSatisfying(
                        UntrustedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.WRONG_NAME))
                .hasMessageContainingAll(
                        "not for " + name, "door.example.org, *.wild.example.org", "192.0.2.7", "--server-hostname");
    }

    @Test
    void refusesAServerThatHasItsNameOnlyAsItsCommonName() {
        assertThatThrownBy(() -> knock(CA.server("door").names().issue(), "door"))
                .rootCause()
                .hasMessageContaining("it is for no name at all");
    }

    @Test
    void refusesAServerThatIsNone() {
        assertReason(CA.client("door.example.org").names("door.example.org").issue(), Reason.WRONG_PURPOSE);
        assertReason(CA.server("door.example.org").expired().issue(), Reason.EXPIRED);
        assertReason(TestCa.create().server("door.example.org").issue(), Reason.UNKNOWN_CA);
    }

    @Test
    void speaksTls12OnlyWhereAllowed() throws Exception {
        assertThat(knock(server(), ALICE, "door.example.org", false, true)).isEqualTo("OK");
        assertThat(knock(server(), ALICE, "door.example.org", true, true)).isEqualTo("OK");
    }

    /** Why only an answer counts: the refusal comes after a handshake that looked like a success. */
    @Test
    void learnsOfItsOwnRefusalOnlyWhenItReads() throws Exception {
        TestCertificate late = CA.client("late").expired().issue();
        try (EngineServer server = new EngineServer(tls(server(), false));
                SSLSocket socket = open(server, late, "door.example.org", false)) {
            socket.startHandshake();

            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SSLException.class);
            assertThat(Objects.requireNonNull(server.outcomes.poll(10, TimeUnit.SECONDS), "no outcome"))
                    .isInstanceOfSatisfying(
                            SSLException.class,
                            e -> assertThat(UntrustedException.causeOf(e))
                                    .map(UntrustedException::reason)
                                    .contains(Reason.EXPIRED));
        }
    }

    @ParameterizedTest
    @CsvSource({"a b", "''", "-", "a..b", "*.example.org", "exa\u0000mple.org", "1.2.3.4.5/6", "::1::"})
    void refusesWhatIsNoName(String name) {
        assertThatThrownBy(() -> ServerName.of(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("neither a host name nor an IP address");
    }

    @Test
    void asksForANameButNotForAnAddress() {
        assertThat(ServerName.of("door.example.org").forIndication()).isPresent();
        assertThat(ServerName.of("192.0.2.7").forIndication()).isEmpty();
    }

    private static TestCertificate server() {
        return CA.server("door.example.org", "*.wild.example.org", "*.tld", "192.0.2.7", "2001:db8::7")
                .issue();
    }

    private static void assertReason(TestCertificate server, Reason reason) {
        assertThatThrownBy(() -> knock(server, "door.example.org"))
                .isInstanceOf(SSLHandshakeException.class)
                .satisfies(e -> assertThat(UntrustedException.causeOf(e))
                        .map(UntrustedException::reason)
                        .contains(reason));
    }

    private static String knock(TestCertificate server, String name) throws IOException, InterruptedException {
        return knock(server, ALICE, name, false, false);
    }

    private static String knock(
            TestCertificate server, TestCertificate client, String name, boolean server12, boolean client12)
            throws IOException, InterruptedException {
        try (EngineServer running = new EngineServer(tls(server, server12))) {
            String answer;
            try (SSLSocket socket = open(running, client, name, client12)) {
                socket.getOutputStream().write("OPENME".getBytes(StandardCharsets.US_ASCII));
                answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            }
            assertThat(Objects.requireNonNull(running.outcomes.poll(10, TimeUnit.SECONDS), "no outcome"))
                    .isInstanceOf(Peer.class);
            return answer;
        }
    }

    private static SSLSocket open(EngineServer server, TestCertificate client, String name, boolean allowTls12)
            throws IOException {
        ClientTls tls = new ClientTls(
                Identity.of(client.key(), client.chain()),
                Trust.of(CA.certificate()),
                Clock.systemUTC(),
                ServerName.of(name),
                Set.of(),
                allowTls12);
        Socket raw = new Socket(InetAddress.getLoopbackAddress(), server.port());
        raw.setSoTimeout(10_000);
        return tls.over(raw, "127.0.0.1", server.port(), true);
    }

    private static ServerTls tls(TestCertificate server, boolean allowTls12) {
        return new ServerTls(
                Identity.of(server.key(), server.chain()), Trust.of(CA.certificate()), Clock.systemUTC(), allowTls12);
    }
}
