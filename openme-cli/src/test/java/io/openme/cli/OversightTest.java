package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.openme.cli.config.Configuration;
import io.openme.doorman.Doorman;
import io.openme.knocker.KnockResult;
import io.openme.knocker.Knocker;
import io.openme.protocol.Command;
import io.openme.spi.OpenmeException;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A running doorman as its configuration makes it, and what its owner sees of it. */
class OversightTest {
    private static final Pattern WHERE = Pattern.compile("http://127\\.0\\.0\\.1:\\d+");

    private final TestCa ca = TestCa.create();

    @TempDir
    private Path directory = Path.of("");

    @BeforeEach
    void writeCertificates() {
        ca.writeTo(directory);
        ca.server("localhost", "127.0.0.1").issue().writeTo(directory);
    }

    @Test
    void healthAndMetricsTellOfADoormanThatServesAndOfOneThatDoesNot() throws Exception {
        Configuration configuration = read("monitoring: { listen: \"127.0.0.1:0\" }");
        try (Oversight oversight = Oversight.open(configuration.oversight());
                Doorman doorman = doorman(configuration, oversight)) {
            String base = watch(oversight, doorman);

            Response before = get(base + "/health");
            assertThat(before.status()).isEqualTo(503);
            assertThat(before.body()).contains("\"serving\":false,\"listening\":false");

            doorman.start();
            Response health = get(base + "/health");
            assertThat(health.status()).isEqualTo(200);
            assertThat(health.type()).isEqualTo("application/json");
            assertThat(health.body())
                    .startsWith("{\"serving\":true,\"listening\":true,\"firewallInOrder\":true,\"alive\":true")
                    .endsWith("\"problems\":[]}\n");

            Response metrics = get(base + "/metrics");
            assertThat(metrics.status()).isEqualTo(200);
            assertThat(metrics.type()).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
            assertThat(metrics.body())
                    .contains("# TYPE openme_openings gauge\nopenme_openings 0.0\n")
                    .contains("openme_firewall_in_order 1.0\n")
                    .containsPattern("openme_certificate_remaining_seconds 2505\\d+\\.0\n");
        }
    }

    @Test
    void onlyTheseTwoAreThereAndOnlyRead() throws Exception {
        Configuration configuration = read("monitoring: { listen: \"127.0.0.1:0\" }");
        try (Oversight oversight = Oversight.open(configuration.oversight());
                Doorman doorman = doorman(configuration, oversight)) {
            String base = watch(oversight, doorman);

            assertThat(get(base + "/").status()).isEqualTo(404);
            assertThat(get(base + "/metrics/x").status()).isEqualTo(404);
            assertThat(request("POST", base + "/health").status()).isEqualTo(405);
        }
    }

    @Test
    void answersNobodyWhoAsksByANameThatMayBeAnybodys() throws Exception {
        Configuration configuration = read("monitoring: { listen: \"127.0.0.1:0\" }");
        try (Oversight oversight = Oversight.open(configuration.oversight());
                Doorman doorman = doorman(configuration, oversight)) {
            int port = URI.create(watch(oversight, doorman)).getPort();

            assertThat(List.of("127.0.0.1:" + port, "localhost", "LocalHost:" + port, "[::1]:" + port))
                    .allSatisfy(host ->
                            assertThat(statusLine(port, "Host: " + host)).contains(" 200 "));
            assertThat(List.of(
                            "Host: evil.example",
                            "Host: evil.example:" + port,
                            "Host: localhost.evil.example",
                            "Host: 127.0.0.1.evil.example",
                            "Host: [evil.example]",
                            "Host: ",
                            "Host: localhost\r\nHost: evil.example",
                            "Accept: */*"))
                    .allSatisfy(header -> assertThat(statusLine(port, header)).contains(" 421 "));
        }
    }

    @Test
    void closesConnectionsBeyondItsLimitAtOnce() throws Exception {
        Configuration configuration = read("monitoring: { listen: \"127.0.0.1:0\" }");
        List<Socket> held = new ArrayList<>();
        try (Oversight oversight = Oversight.open(configuration.oversight());
                Doorman doorman = doorman(configuration, oversight)) {
            int port = URI.create(watch(oversight, doorman)).getPort();
            for (int i = 0; i < Monitoring.MOST_CONNECTIONS; i++) {
                held.add(connect(port));
            }
            try (Socket beyond = connect(port)) {
                beyond.setSoTimeout(4_000);
                assertThat(beyond.getInputStream().read()).isEqualTo(-1);
            }
        } finally {
            for (Socket each : held) {
                each.close();
            }
        }
    }

    @Test
    void aPortThatIsTakenIsAnErrorThatNamesIt() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            Configuration configuration = read("monitoring: { listen: \"127.0.0.1:" + taken.getLocalPort() + "\" }");
            try (Oversight oversight = Oversight.open(configuration.oversight());
                    Doorman doorman = doorman(configuration, oversight)) {
                assertThatThrownBy(() -> oversight.watch(doorman))
                        .isInstanceOf(OpenmeException.class)
                        .hasMessageContaining("can't listen on 127.0.0.1 port " + taken.getLocalPort())
                        .hasMessageContaining("choose another port");
            }
        }
    }

    @Test
    void aKnockIsInTheAuditLogWhichVerifyFindsIntactOrBroken() throws Exception {
        Configuration configuration = read("audit: { file: audit.jsonl }");
        try (Oversight oversight = Oversight.open(configuration.oversight());
                Doorman doorman = doorman(configuration, oversight)) {
            doorman.start();
            Knocker alice = knocker(doorman, ca.client("alice").issue());
            assertThat(alice.open().status()).isEqualTo(KnockResult.Status.GRANTED);
            assertThat(alice.knock(Command.close()).status()).isEqualTo(KnockResult.Status.GRANTED);
            Knocker stranger = knocker(doorman, TestCa.create().client("eve").issue());
            assertThat(stranger.open().status()).isEqualTo(KnockResult.Status.NOT_AUTHENTICATED);
        }
        Path file = directory.resolve("audit.jsonl");
        String log = Files.readString(file);
        assertThat(log)
                .containsPattern("\"event\":\"started\",\"listen\":\\[\"127\\.0\\.0\\.1 port \\d+\"],\"taken\":0}")
                .containsPattern("\"event\":\"opened\",\"client\":\"alice\",.*\"services\":\\[\"ssh\"],"
                        + "\"address\":\"127\\.0\\.0\\.1\"")
                .containsPattern("\"event\":\"closed\",\"client\":\"alice\"")
                .containsPattern("\"event\":\"refused\",\"peer\":\"127\\.0\\.0\\.1\",\"reason\":")
                .endsWith("\"event\":\"stopped\"}\n");

        Run intact = verify(file);
        assertThat(intact.exitCode()).as(intact.out()).isZero();
        assertThat(intact.out())
                .containsPattern("^intact {3}\\d+ lines, number 1 to \\d+, until 2")
                .containsPattern("head {5}[0-9a-f]{64}");
        assertThat(intact.err()).isEmpty();

        int mallory = log.indexOf("alice");
        Files.writeString(file, log.substring(0, mallory) + "malik" + log.substring(mallory + 5));
        long line = log.substring(0, mallory).lines().count();
        Run broken = verify(file);
        assertThat(broken.exitCode()).isEqualTo(1);
        assertThat(broken.out()).startsWith("BROKEN   " + file + ":" + line + ": this line was changed");
        Run json = verify(file, "--json");
        assertThat(json.exitCode()).isEqualTo(1);
        assertThat(json.out())
                .startsWith("{\"intact\":false,\"lines\":")
                .contains("\"fault\":{\"file\":\"" + file + "\",\"line\":" + line
                        + ",\"problem\":\"this line was changed");
    }

    @Test
    void verifyEndsWith2AtWhatCantBeVerified() throws IOException {
        Path file = Files.createFile(directory.resolve("audit.jsonl"));
        assertThat(verify(directory.resolve("nowhere")).exitCode()).isEqualTo(2);
        assertThat(Run.of(directory, "audit", "verify").exitCode()).isEqualTo(2);
        Run head = verify(file, "--head", "17");
        assertThat(head.exitCode()).isEqualTo(2);
        assertThat(head.err()).contains("\"17\" is no hash; it has 64 lower-case hexadecimal digits");
        assertThat(verify(file, "--head", "a".repeat(64)).exitCode()).isEqualTo(1);
        assertThat(verify(file).exitCode()).isZero();
    }

    @Test
    void anAuditLogThatCantBeWrittenKeepsTheDoormanFromStarting() throws IOException {
        read("audit: { file: nowhere/audit.jsonl }");
        Run run = Run.of(
                directory, "serve", "-c", directory.resolve("config.yaml").toString());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("the audit log " + directory.resolve("nowhere/audit.jsonl") + " can't be opened")
                .contains("install -d");
    }

    private Run verify(Path file, String... more) {
        String[] arguments = new String[more.length + 3];
        arguments[0] = "audit";
        arguments[1] = "verify";
        arguments[2] = file.toString();
        System.arraycopy(more, 0, arguments, 3, more.length);
        return Run.of(directory, arguments);
    }

    private Configuration read(String more) throws IOException {
        return Configuration.read(Files.writeString(directory.resolve("config.yaml"), """
                listen: "127.0.0.1:0"
                services: { ssh: [22/tcp] }
                identity: { certificate: localhost.crt, key: localhost.key }
                clients: { ca: ca.crt }
                firewall: { backend: in-process }
                grants: { state-directory: none }
                """ + more + "\n"));
    }

    private Doorman doorman(Configuration configuration, Oversight oversight) {
        return Doormen.doorman(
                configuration,
                Doormen.fixed(
                        configuration,
                        Identity.ofPem(directory.resolve("localhost.crt"), directory.resolve("localhost.key")),
                        Doormen.trust(configuration)),
                Optional.empty(),
                oversight::listenTo);
    }

    /** Where it is then served; the log names the port. */
    private static String watch(Oversight oversight, Doorman doorman) {
        Logger logger = (Logger) LoggerFactory.getLogger(Monitoring.class);
        ListAppender<ILoggingEvent> said = new ListAppender<>();
        said.start();
        logger.addAppender(said);
        logger.setLevel(ch.qos.logback.classic.Level.INFO);
        try {
            oversight.watch(doorman);
        } finally {
            logger.detachAppender(said);
            logger.setLevel(null);
        }
        Matcher matcher = WHERE.matcher(said.list.get(0).getFormattedMessage());
        assertThat(matcher.find()).isTrue();
        return matcher.group();
    }

    private record Response(int status, String type, String body) {}

    /** With a header that the JDK's client would not send. */
    private static String statusLine(int port, String header) throws IOException {
        try (Socket socket = connect(port)) {
            socket.setSoTimeout(10_000);
            String request = "GET /metrics HTTP/1.1\r\n" + header + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return answer.lines().findFirst().orElse("");
        }
    }

    private static Socket connect(int port) throws IOException {
        return new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
    }

    private static Response get(String uri) throws IOException {
        return request("GET", uri);
    }

    private static Response request(String method, String uri) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(uri).toURL().openConnection();
        connection.setRequestMethod(method);
        int status = connection.getResponseCode();
        try (InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return new Response(
                    status, connection.getContentType(), new String(body.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private Knocker knocker(Doorman doorman, TestCertificate who) {
        return Knocker.builder()
                .identity(Identity.of(who.key(), who.chain()))
                .trust(Trust.of(ca.certificate()))
                .server("127.0.0.1", doorman.port())
                .build();
    }
}
