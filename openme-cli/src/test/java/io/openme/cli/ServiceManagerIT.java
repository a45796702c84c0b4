package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.cli.config.Configuration.OversightSettings;
import io.openme.doorman.Doorman;
import io.openme.doorman.DoormanBuilder;
import io.openme.doorman.DoormanListener;
import io.openme.firewall.InProcessFirewall;
import io.openme.knocker.Knocker;
import io.openme.protocol.IpLiteral;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a service manager hears of a doorman by the real {@code systemd-notify}, and what the process ends with. */
@Timeout(120)
class ServiceManagerIT {
    private static final Duration WATCHDOG = Duration.ofMillis(1500);

    private final TestCa ca = TestCa.create();

    @TempDir
    private Path directory = Path.of("");

    private Supervisor supervisor;

    @BeforeEach
    void listen() throws IOException {
        supervisor = new Supervisor(directory);
    }

    @AfterEach
    void end() {
        supervisor.close();
    }

    @Test
    void hearsOfEachTurnOfALifeAndNothingOfAProcessThatStandsStill() throws Exception {
        ca.writeTo(directory);
        ca.server("localhost", "127.0.0.1").issue().writeTo(directory);
        Files.writeString(directory.resolve("config.yaml"), """
                listen: "127.0.0.1:0"
                services: { ssh: [22/tcp] }
                identity: { certificate: localhost.crt, key: localhost.key }
                clients: { ca: ca.crt }
                firewall: { backend: dry-run }
                """);
        Process process =
                OpenmeJar.start(directory, "doorman", supervisor.environment(WATCHDOG), "serve", "-c", "config.yaml");
        try {
            supervisor.awaitMessage("WATCHDOG=1 | STATUS=0 opening(s), 0 connected");
            assertThat(supervisor.messages().get(0)).isEqualTo("READY=1 | STATUS=0 opening(s), 0 connected");

            signal(process, "HUP");
            supervisor.awaitMessage("RELOADING=1 | MONOTONIC_USEC=");
            supervisor.awaitNext("WATCHDOG=1");

            signal(process, "STOP");
            supervisor.awaitSilence(WATCHDOG);
            signal(process, "CONT");
            supervisor.awaitMessage("WATCHDOG=1");

            process.destroy();
            supervisor.awaitMessage("STOPPING=1");
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue())
                    .as(Files.readString(directory.resolve("doorman.err")))
                    .isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void isToldOfADoormanThatHangsByEverySignThereIs() throws Exception {
        CountDownLatch hang = new CountDownLatch(1);
        InProcessFirewall firewall = new InProcessFirewall();
        try (Oversight oversight =
                        Oversight.open(new OversightSettings(Optional.empty(), Optional.empty()), supervised());
                Doorman doorman = doorman(oversight, firewall, hang)) {
            CompletableFuture<Integer> exitCode = foreground(doorman, oversight);
            supervisor.awaitMessage("WATCHDOG=1");
            Knocker knocker = knocker(doorman.port());
            CompletableFuture<?> knock = CompletableFuture.runAsync(knocker::open, ServiceManagerIT::inAThread);

            assertThat(exitCode.get(60, TimeUnit.SECONDS)).isEqualTo(ExitCode.FAILED);
            assertThat(supervisor.messages())
                    .last()
                    .asString()
                    .startsWith("STOPPING=1 | STATUS=Failed: the thread openme-worker-");
            supervisor.awaitSilence(WATCHDOG);
            assertThat(firewall.openings()).isEmpty();
            hang.countDown();
            knock.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void aThreadOfTheProcessThatDiesEndsItLoudly() throws Exception {
        InProcessFirewall firewall = new InProcessFirewall();
        try (Oversight oversight =
                        Oversight.open(new OversightSettings(Optional.empty(), Optional.empty()), supervised());
                Doorman doorman = doorman(oversight, firewall, new CountDownLatch(0))) {
            CompletableFuture<Integer> exitCode = foreground(doorman, oversight);
            supervisor.awaitMessage("READY=1");
            knocker(doorman.port()).open();
            new Thread(
                            () -> {
                                throw new OutOfMemoryError("made up");
                            },
                            "somebody's")
                    .start();

            assertThat(exitCode.get(60, TimeUnit.SECONDS)).isEqualTo(ExitCode.FAILED);
            supervisor.awaitMessage("STOPPING=1 | STATUS=Failed: the thread somebody's has died of"
                    + " java.lang.OutOfMemoryError: made up");
        }
    }

    private CompletableFuture<Integer> foreground(Doorman doorman, Oversight oversight) throws InterruptedException {
        CompletableFuture<Integer> exitCode = CompletableFuture.supplyAsync(
                () -> Foreground.run(doorman, Optional.empty(), oversight, Foreground.OnHangUp.END),
                ServiceManagerIT::inAThread);
        supervisor.awaitMessage("READY=1");
        return exitCode;
    }

    /** The common pool may have one thread only, and what blocks there keeps the rest waiting. */
    private static void inAThread(Runnable task) {
        new Thread(task, "task").start();
    }

    private ServiceManager supervised() {
        return ServiceManager.of(supervisor.environment(WATCHDOG));
    }

    private Doorman doorman(Oversight oversight, InProcessFirewall firewall, CountDownLatch hang) {
        TestCertificate server = ca.server("localhost", "127.0.0.1").issue();
        DoormanBuilder builder = Doorman.builder()
                .identity(Identity.of(server.key(), server.chain()))
                .trust(Trust.of(ca.certificate()))
                .listen(new InetSocketAddress(IpLiteral.parse("127.0.0.1").orElseThrow(), 0))
                .service("ssh", "22/tcp")
                .firewall(firewall)
                .patience(Duration.ofSeconds(2))
                .listener(new DoormanListener() {
                    @Override
                    public void connected(Connected event) {
                        try {
                            hang.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                });
        oversight.listenTo(builder);
        return builder.build();
    }

    private Knocker knocker(int port) {
        TestCertificate alice = ca.client("alice").issue();
        return Knocker.builder()
                .identity(Identity.of(alice.key(), alice.chain()))
                .trust(Trust.of(ca.certificate()))
                .server("127.0.0.1", port)
                .build();
    }

    private static void signal(Process process, String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, "" + process.pid())
                        .start()
                        .waitFor())
                .isZero();
    }
}
