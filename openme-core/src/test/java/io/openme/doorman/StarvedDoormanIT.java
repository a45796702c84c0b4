package io.openme.doorman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openme.knocker.KnockResult.Status;
import io.openme.knocker.Knocker;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/** Knocks at a process whose heap is really full. */
@Timeout(value = 180, threadMode = ThreadMode.SEPARATE_THREAD)
class StarvedDoormanIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final TestCa ca = TestCa.create();
    private final TestCertificate alice = ca.client("alice").issue();

    @TempDir
    Path directory;

    private Process process;
    private BufferedReader answers;
    private Writer requests;
    private Knocker knocker;

    @BeforeEach
    void start() throws IOException {
        ca.writeTo(directory);
        ca.server("server", "127.0.0.1").issue().writeTo(directory);
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx24m",
                        // Else the JVM gives up long before there is nothing left.
                        "-XX:-UseGCOverheadLimit",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StarvedDoorman.class.getName(),
                        directory.toString())
                .redirectErrorStream(true)
                .start();
        answers = process.inputReader(StandardCharsets.US_ASCII);
        requests = process.outputWriter(StandardCharsets.US_ASCII);
        knocker = Knocker.builder()
                .identity(Identity.of(alice.key(), alice.chain()))
                .trust(Trust.of(ca.certificate()))
                .server("127.0.0.1", Integer.parseInt(answer()))
                .timeout(Duration.ofSeconds(1))
                .build();
    }

    @AfterEach
    void end() {
        process.destroyForcibly().onExit().join();
    }

    @Test
    void servesAgainOnceThereIsMemoryAndLetsEveryGrantEndOrHasSaidThatItCanNot() throws IOException {
        await().atMost(PATIENCE).until(() -> knocker.open().status() == Status.GRANTED);

        say("gorge");
        List<Status> starved = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            starved.add(knocker.open().status());
        }
        System.out.println("The heap was full " + answer() + "; three knocks meanwhile: " + starved);

        await().atMost(PATIENCE).until(() -> knocker.open().status() == Status.GRANTED || hasFailed(health()));
        await().atMost(PATIENCE).until(() -> health().equals("[] 0") || hasFailed(health()));
        await().atMost(PATIENCE).until(() -> answerFor("openings").equals("0"));
        if (hasFailed(health())) {
            assertThat(health()).startsWith("the thread openme-");
            await().atMost(PATIENCE).until(() -> knocker.open().status() == Status.UNREACHABLE);
        }
    }

    private String health() throws IOException {
        return answerFor("health");
    }

    private static boolean hasFailed(String health) {
        return !health.startsWith("[");
    }

    private void say(String request) throws IOException {
        requests.write(request + "\n");
        requests.flush();
    }

    private String answerFor(String request) throws IOException {
        say(request);
        return answer();
    }

    /** The next answer, between whatever the program logs. */
    private String answer() throws IOException {
        StringBuilder log = new StringBuilder();
        for (String line = answers.readLine(); line != null; line = answers.readLine()) {
            if (line.startsWith("> ")) {
                return line.substring(2);
            }
            log.append(line).append('\n');
        }
        throw new IOException("the program ended:\n" + log);
    }
}
