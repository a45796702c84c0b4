package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code openme serve --trial} as a process, and the kernel's own firewall in a namespace. */
@ExtendWith(TestNetworkExtension.class)
class TrialIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final TestNetwork network;

    @TempDir
    private Path directory = Path.of("");

    private @Nullable Process doorman;

    TrialIT(TestNetwork network) {
        this.network = network;
    }

    @BeforeEach
    void writeConfiguration() throws IOException {
        ServerFiles.write(directory);
        Files.writeString(directory.resolve("config.yaml"), """
                        listen: "127.0.0.1:0"
                        services: { ssh: [22/tcp] }
                        identity: { certificate: localhost.crt, key: localhost.key }
                        clients: { ca: ca.crt }
                        firewall: { backend: nftables, options: { command: %s } }
                        """.formatted(
                        String.join(" ", network.server().prefix())));
        network.server().run("nft", "flush", "ruleset").orThrow();
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (doorman != null) {
            doorman.destroyForcibly().waitFor();
        }
    }

    @Test
    void takesEverythingBackWhenNobodyConfirms() throws IOException, InterruptedException {
        Process process = serve("3s");
        await().atMost(PATIENCE).until(this::isGuarded);

        assertEndsWith0(process);

        assertThat(isGuarded()).isFalse();
        assertThat(log()).contains("This is a trial").contains("Nobody confirmed within 3s");
    }

    @Test
    void takesEverythingBackWhenItIsToldToEndBefore() throws IOException, InterruptedException {
        Process process = serve("1h");
        await().atMost(PATIENCE).until(() -> log().contains("This is a trial"));
        assertThat(isGuarded()).isTrue();

        process.destroy();

        assertEndsWith0(process);
        assertThat(isGuarded()).isFalse();
    }

    @Test
    void goesOnAndKeepsItsGuardWhenItWasConfirmed() throws IOException, InterruptedException {
        Process process = serve("1h");
        await().atMost(PATIENCE).until(() -> log().contains("This is a trial"));

        Files.createFile(directory.resolve("confirmed"));
        await().atMost(PATIENCE).until(() -> log().contains("Confirmed"));
        process.destroy();

        assertEndsWith0(process);
        assertThat(isGuarded()).isTrue();
    }

    private Process serve(String trial) throws IOException {
        Process process =
                OpenmeJar.start(directory, "doorman", "serve", "--trial", trial, "--confirm-file", "confirmed");
        doorman = process;
        return process;
    }

    private static void assertEndsWith0(Process process) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private boolean isGuarded() {
        return network.server().run("nft", "list", "tables").orThrow().output().contains("table inet openme");
    }

    private String log() throws IOException {
        return Files.readString(directory.resolve("doorman.err"));
    }
}
