package io.openme.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.knocker.KnockResult;
import io.openme.knocker.KnockResult.Status;
import io.openme.knocker.Knocker;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.EasyRsa;
import io.openme.tls.Identity;
import io.openme.tls.Peer;
import io.openme.tls.Pin;
import io.openme.tls.Trust;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The certificate that easy-rsa made for a server, which nobody can reach by its name, "server". */
class PinnedServerTest {
    private static final Identity SERVER = identity("server");
    private static final Trust TRUST = Trust.ofPem(EasyRsa.file("ca.crt"));
    private static final String OTHER =
            Pin.of(identity("client").chain().get(0)).toString();

    private final EngineServer server;

    PinnedServerTest() throws IOException {
        server = new EngineServer(new ServerTls(SERVER, TRUST, clock(EasyRsa.THEN), false));
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void isBelievedWithThePinThatTheErrorNames() throws InterruptedException {
        KnockResult refused = knocker().build().open();
        assertThat(server.outcomes.poll(10, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
        assertThat(refused.status()).isEqualTo(Status.WRONG_SERVER);
        assertThat(refused.detail()).contains("it is for server", "compare that first", "openme pin CERTIFICATE");
        Matcher pin = Pattern.compile("--pin (\\S+)").matcher(refused.detail());
        assertThat(pin.find()).as(refused.detail()).isTrue();

        assertBelieved(knocker().pin(pin.group(1)).build());
    }

    @Test
    void isBelievedWithOneOfSeveralPins() throws InterruptedException {
        String hex = Pin.of(SERVER.chain().get(0)).sha256();

        assertBelieved(knocker().pin(OTHER).pin(hex).build());
    }

    @Test
    void isNotBelievedWithAnotherPinEvenIfItsNameIsRight() {
        KnockResult result = knocker().serverName("server").pin(OTHER).build().open();

        assertThat(result.status()).isEqualTo(Status.WRONG_SERVER);
        assertThat(result.detail()).contains("the server's key has the pin sha256/", "not " + OTHER);
    }

    @Test
    void isNotBelievedForItsPinAlone() {
        String pin = Pin.of(SERVER.chain().get(0)).toString();
        Trust others = Trust.of(TestCa.create().certificate());
        Instant late = Instant.parse("2050-01-01T00:00:00Z");

        assertThat(knocker().pin(pin).trust(others).build().open().detail()).contains("a CA that is trusted");
        assertThat(knocker().pin(pin).clock(clock(late)).build().open().detail())
                .contains("expired");
    }

    @Test
    void isNotBelievedForAPinWhereItsCertificateIsAClients() throws IOException {
        try (EngineServer client =
                new EngineServer(new ServerTls(identity("client"), TRUST, clock(EasyRsa.THEN), false))) {
            KnockResult result = knocker()
                    .server("127.0.0.1", client.port())
                    .pin(OTHER)
                    .build()
                    .open();

            assertThat(result.status()).isEqualTo(Status.WRONG_SERVER);
            assertThat(result.detail()).contains("is not for a server");
        }
    }

    @Test
    void saysOfACertificateThatCantBeReadNothingThatReachesATerminalAsItIs() throws IOException {
        TestCertificate hostile = TestCa.create()
                .server("127.0.0.1")
                .criticalUri("x:\u001b]0;owned\u0007\nroot logged in")
                .issue();
        Identity identity = Identity.of(hostile.key(), hostile.chain());
        try (EngineServer fake = new EngineServer(new ServerTls(identity, TRUST, clock(EasyRsa.THEN), false))) {
            KnockResult result =
                    knocker().server("127.0.0.1", fake.port()).build().open();

            assertThat(result.status()).isEqualTo(Status.WRONG_SERVER);
            assertThat(result.detail())
                    .contains("is not believed", "root logged in")
                    .matches("[ -~]+");
        }
    }

    /** A knocker says what it wants only to a server that it believes, and this one gets to hear it. */
    private void assertBelieved(Knocker knocker) throws InterruptedException {
        KnockResult result = knocker.open();
        assertThat(server.outcomes.poll(10, TimeUnit.SECONDS))
                .as(result.detail())
                .isInstanceOf(Peer.class);
        assertThat(result.status()).isNotEqualTo(Status.WRONG_SERVER);
    }

    private Knocker.Builder knocker() {
        return Knocker.builder()
                .identity(identity("client"))
                .trust(TRUST)
                .server("127.0.0.1", server.port())
                .clock(clock(EasyRsa.THEN));
    }

    private static Identity identity(String name) {
        return Identity.ofPem(EasyRsa.file(name + ".crt"), EasyRsa.file(name + ".key"));
    }

    private static Clock clock(Instant at) {
        return Clock.fixed(at, ZoneOffset.UTC);
    }
}
