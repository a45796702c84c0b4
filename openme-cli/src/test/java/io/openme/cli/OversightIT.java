package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openme.knocker.Knocker;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar that people run, told to end while it writes an audit log and serves metrics. */
class OversightIT {
    private static final Pattern HEAD =
            Pattern.compile("The audit log \\S+ is at line (\\d+) with the hash ([0-9a-f]{64})");

    @TempDir
    private Path directory = Path.of("");

    @Test
    void servesMetricsAndLeavesAnIntactLogWhoseHeadItHasSaid() throws Exception {
        TestCa ca = TestCa.create();
        ca.writeTo(directory);
        ca.server("localhost", "127.0.0.1").issue().writeTo(directory);
        Files.writeString(directory.resolve("config.yaml"), """
                listen: "127.0.0.1:0"
                services: { ssh: [22/tcp] }
                identity: { certificate: localhost.crt, key: localhost.key }
                clients: { ca: ca.crt }
                firewall: { backend: dry-run }
                audit: { file: audit.jsonl }
                monitoring: { listen: "127.0.0.1:0" }
                """);
        Process process = OpenmeJar.start(directory, "doorman", "serve");
        try {
            String port = said("Listening on \\S*:(\\d+)\\b").group(1);
            knocker(ca, Integer.parseInt(port)).open();
            String metrics =
                    said("(http://127\\.0\\.0\\.1:\\d+/metrics) and /health").group(1);
            try (var body = URI.create(metrics).toURL().openStream()) {
                assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8))
                        .contains("openme_listening 1.0");
            }
            process.destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(log()).isZero();
        } finally {
            process.destroyForcibly();
        }

        Matcher head = said(HEAD.pattern());
        Path file = directory.resolve("audit.jsonl");
        assertThat(Files.readString(file)).contains("\"event\":\"opened\",\"client\":\"alice\"");
        Run verified = Run.of(directory, "audit", "verify", file.toString(), "--head", head.group(2));
        assertThat(verified.exitCode()).as(verified.out()).isZero();
        assertThat(verified.out())
                .contains("number 1 to " + head.group(1) + ",")
                .contains("head     " + head.group(2));
    }

    private Knocker knocker(TestCa ca, int port) {
        TestCertificate alice = ca.client("alice").issue();
        return Knocker.builder()
                .identity(Identity.of(alice.key(), alice.chain()))
                .trust(Trust.of(ca.certificate()))
                .server("127.0.0.1", port)
                .build();
    }

    private Matcher said(String pattern) {
        Pattern wanted = Pattern.compile(pattern);
        await().atMost(Duration.ofSeconds(60)).until(() -> wanted.matcher(log()).find());
        Matcher found = wanted.matcher(log());
        assertThat(found.find()).isTrue();
        return found;
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("doorman.err"))
                    + Files.readString(directory.resolve("doorman.out"));
        } catch (IOException e) {
            return "";
        }
    }
}
