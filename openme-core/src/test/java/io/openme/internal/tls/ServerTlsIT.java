package io.openme.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.Identity;
import io.openme.tls.Peer;
import io.openme.tls.Trust;
import io.openme.tls.UntrustedException;
import io.openme.tls.UntrustedException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The clients of other people against our engine. */
class ServerTlsIT {
    private static final TestCa CA = TestCa.create();
    private static final TestCertificate SERVER =
            CA.server("localhost", "127.0.0.1").issue();
    private static final TestCertificate ALICE = CA.client("alice").issue();
    /** The answer stands at the beginning of a line; "Verification: OK" does not. */
    private static final Pattern ANSWER = Pattern.compile("^OK", Pattern.MULTILINE);

    private static final char[] PASSWORD = "secret".toCharArray();

    @TempDir
    Path directory;

    private EngineServer server;
    private EngineServer oldServer;

    @BeforeEach
    void start() throws IOException {
        server = new EngineServer(tls(false));
        oldServer = new EngineServer(tls(true));
        CA.writeTo(directory);
        ALICE.writeTo(directory);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        oldServer.close();
    }

    @Test
    void letsOpensslIn() throws Exception {
        assertThat(asAlice(server).output()).contains("TLSv1.3").containsPattern(ANSWER);
        assertThat(outcome(server))
                .isInstanceOfSatisfying(
                        Peer.class, peer -> assertThat(peer.name()).isEqualTo("alice"));
    }

    @Test
    void doesNotTellItsCas() throws Exception {
        assertThat(asAlice(server).output()).contains("No client certificate CA names sent");
    }

    @Test
    void sendsNoTicket() throws Exception {
        for (EngineServer each : List.of(server, oldServer)) {
            assertThat(asAlice(each, "-msg").output())
                    .contains("TLSv1.3", "Finished")
                    .doesNotContain("NewSessionTicket", "New Session Ticket");
        }
    }

    @Test
    void refusesAClientWithoutACertificate() throws Exception {
        assertThat(openssl(server).output()).contains("alert").doesNotContainPattern(ANSWER);
        assertThat(outcome(server)).isInstanceOf(IOException.class);
    }

    @Test
    void refusesAClientOfAnotherCaAndSaysWhyToTheOwnerOnly() throws Exception {
        TestCa.create().client("mallory").issue().writeTo(directory);

        assertThat(openssl(server, "-cert", "mallory.crt", "-key", "mallory.key")
                        .output())
                .contains("alert certificate unknown")
                .doesNotContainPattern(ANSWER);
        assertThat(outcome(server))
                .isInstanceOfSatisfying(
                        SSLException.class,
                        e -> assertThat(UntrustedException.causeOf(e))
                                .map(UntrustedException::reason)
                                .contains(Reason.UNKNOWN_CA));
    }

    @ParameterizedTest
    @ValueSource(strings = {"X25519", "P-256", "P-521:P-256"})
    void agreesOnCheapKeys(String groups) throws Exception {
        assertThat(asAlice(server, "-groups", groups).output()).containsPattern(ANSWER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"P-384", "P-521", "X448", "ffdhe2048", "ffdhe8192"})
    void agreesOnNoExpensiveKeys(String groups) throws Exception {
        assertThat(asAlice(server, "-groups", groups).output())
                .contains("alert")
                .doesNotContainPattern(ANSWER);
    }

    @Test
    void takesItsApplicationProtocolOrNone() throws Exception {
        assertThat(asAlice(server, "-alpn", "h2,openme/1").output())
                .contains("ALPN protocol: openme/1")
                .containsPattern(ANSWER);
        assertThat(asAlice(server, "-alpn", "h2").output())
                .contains("no application protocol")
                .doesNotContainPattern(ANSWER);
        assertThat(asAlice(server).output()).contains("No ALPN negotiated").containsPattern(ANSWER);
    }

    @Test
    void speaksTls12OnlyWhereAllowed() throws Exception {
        assertThat(asAlice(server, "-tls1_2").output())
                .contains("protocol version")
                .doesNotContainPattern(ANSWER);
        assertThat(asAlice(oldServer, "-tls1_2").output()).contains("TLSv1.2").containsPattern(ANSWER);
        assertThat(asAlice(oldServer).output()).contains("TLSv1.3").containsPattern(ANSWER);
        assertThat(asAlice(oldServer, "-tls1_1").output()).doesNotContainPattern(ANSWER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ALL", "DHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES128-GCM-SHA256"})
    void choosesAForwardSecretAuthenticatedCipherInTls12(String ciphers) throws Exception {
        assertThat(asAlice(oldServer, "-tls1_2", "-cipher", ciphers).output())
                .containsPattern("Cipher is ECDHE-ECDSA-(AES\\d+-GCM|CHACHA20)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_2 -no_ticket"})
    void resumesNothingWhereTls12IsAllowed(String options) throws Exception {
        String[] first = (options + " -sess_out session.pem").split(" ");
        String[] second = (options + " -sess_in session.pem").split(" ");
        assertThat(asAlice(oldServer, first).output()).containsPattern(ANSWER);
        assertThat(outcome(oldServer)).isInstanceOf(Peer.class);

        assertThat(openssl(oldServer, second).output())
                .contains("alert")
                .doesNotContain("Reused")
                .doesNotContainPattern(ANSWER);
    }

    @Test
    void letsPythonIn() throws Exception {
        Files.writeString(directory.resolve("knock.py"), """
                import socket, ssl, sys
                context = ssl.create_default_context(cafile="ca.crt")
                context.load_cert_chain("alice.crt", "alice.key")
                with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as raw:
                    with context.wrap_socket(raw, server_hostname="localhost") as tls:
                        tls.sendall(b"OPENME")
                        print(tls.version(), tls.recv(100))
                """);

        Run run = Run.of(directory, "", List.of("python3", "knock.py", "" + server.port()));

        assertThat(run.output()).contains("TLSv1.3 b'OK'");
    }

    @Test
    void letsAPlainJavaClientIn() throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store(ALICE.pkcs12(PASSWORD)), PASSWORD);
        KeyStore cas = store(null);
        cas.setCertificateEntry("ca", CA.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(cas);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);

        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("OPENME".getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readNBytes(2), StandardCharsets.US_ASCII))
                    .isEqualTo("OK");
        }
    }

    private static ServerTls tls(boolean allowTls12) {
        return new ServerTls(
                Identity.of(SERVER.key(), SERVER.chain()), Trust.of(CA.certificate()), Clock.systemUTC(), allowTls12);
    }

    private Run asAlice(EngineServer to, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of("-cert", "alice.crt", "-key", "alice.key"));
        all.addAll(List.of(options));
        return openssl(to, all.toArray(String[]::new));
    }

    private Run openssl(EngineServer to, String... options) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("openssl", "s_client", "-ign_eof", "-CAfile", "ca.crt", "-connect", "127.0.0.1:" + to.port()));
        command.addAll(List.of(options));
        return Run.of(directory, "OPENME\n", command);
    }

    private static Object outcome(EngineServer of) throws InterruptedException {
        return Objects.requireNonNull(of.outcomes.poll(10, TimeUnit.SECONDS), "no outcome");
    }

    private static KeyStore store(byte @Nullable [] content) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(content == null ? null : new ByteArrayInputStream(content), PASSWORD);
        return store;
    }
}
