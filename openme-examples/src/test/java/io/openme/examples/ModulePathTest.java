package io.openme.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.pki.CaDirectory;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All other tests run on the class path; this one shows that the module path does as well. */
class ModulePathTest {
    @Test
    void theKnockerRunsAsAModule(@TempDir Path directory) throws Exception {
        Path pki = directory.resolve("pki");
        CaDirectory ca = CaDirectory.create(pki, "Example CA", null, Clock.systemUTC());
        ca.issueServer("localhost", List.of());
        ca.issueClient("alice");
        try (EmbedADoorman running = EmbedADoorman.start(pki, 0, 0)) {
            assertThat(running).isNotNull();
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-p",
                            modulePath(),
                            "-m",
                            "io.openme.examples/io.openme.examples.KnockFromAnApp",
                            pki.toString(),
                            String.valueOf(running.knockPort()))
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(output).contains("come in: open for 127.0.0.1: web, for 1800 seconds");
            assertThat(process.exitValue()).isZero();
        }
    }

    /** Of the tests' class path, what the program itself needs. */
    private static String modulePath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("test-classes"))
                .filter(entry -> List.of("openme-", "bcprov", "bcpkix", "bcutil", "slf4j-api", "logback").stream()
                        .anyMatch(Path.of(entry).toString()::contains))
                .collect(Collectors.joining(File.pathSeparator));
    }
}
