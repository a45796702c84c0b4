package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openme.testkit.TestCa;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The jar that people run, as processes: the CA, a doorman that guards nothing, and knocks. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenmeJarIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern LISTENING = Pattern.compile("(?i)listening on \\S*:(\\d+)\\b");

    private Path directory = Path.of("");
    private String port = "";
    private @Nullable Process doorman;

    /** How a process ended, and what it wrote. */
    private record Ended(int exitCode, String out, String err) {}

    @BeforeAll
    void makeACaAndStartADoorman(@TempDir Path temporary) throws IOException, InterruptedException {
        directory = temporary;
        // With a passphrase: the key's encryption is what shading could break.
        Files.writeString(directory.resolve("secret"), "open sesame\n");
        assertSucceeds(openme("ca", "init", "--passphrase-file", "secret"));
        assertSucceeds(openme("ca", "server", "localhost", "127.0.0.1", "--passphrase-file", "secret"));
        assertSucceeds(openme("ca", "client", "alice", "--passphrase-file", "secret"));
        Files.writeString(directory.resolve("config.yaml"), """
                listen: "127.0.0.1:0"
                services: { ssh: [22/tcp] }
                identity: { certificate: pki/localhost.crt, key: pki/localhost.key }
                clients: { ca: pki/ca.crt, crl: pki/crl.pem }
                firewall: { backend: dry-run }
                """);
        doorman = start("doorman", "serve");
        port = portOf("doorman");
    }

    @AfterAll
    void stopTheDoorman() {
        if (doorman != null) {
            doorman.destroyForcibly();
        }
    }

    @Test
    void opensAndCloses() throws IOException, InterruptedException {
        Ended opened = knock("open");
        assertSucceeds(opened);
        assertThat(opened.out).startsWith("OK: localhost port " + port + " opened for 127.0.0.1: ssh, for 1h");
        assertThat(log("doorman")).contains("Opened [ssh] for 127.0.0.1").contains("asked by alice");

        assertSucceeds(knock("close"));
        assertThat(log("doorman")).contains("Closed [ssh] for 127.0.0.1");
    }

    @Test
    void opensWithTheFlagsOfTheOriginalClient() throws IOException, InterruptedException {
        assertSucceeds(openme(
                "-o",
                "-i",
                "198.51.100.7",
                "-s",
                "localhost",
                "-p",
                port,
                "--cert",
                "pki/alice.crt",
                "--key",
                "pki/alice.key",
                "--ca",
                "pki/ca.crt"));
        assertThat(log("doorman")).contains("Opened [ssh] for 198.51.100.7");
    }

    @Test
    void readsAnEncryptedKeyOfEasyRsa() throws IOException, InterruptedException {
        // 3DES, which only Bouncy Castle of the jar can open.
        Path easyRsa = Path.of("..", "openme-core", "src", "test", "resources", "easyrsa")
                .toAbsolutePath();
        Path key = Files.copy(easyRsa.resolve("clientenc.key"), directory.resolve("clientenc.key"));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(directory.resolve("clientpass"), "clientpass\n");

        Ended run = openme(
                "open",
                "-s",
                "localhost",
                "-p",
                port,
                "--cert",
                easyRsa.resolve("clientenc.crt").toString(),
                "--key",
                "clientenc.key",
                "--passphrase-file",
                "clientpass",
                "--ca",
                "pki/ca.crt");

        // The key was opened, and the doorman does not know its CA.
        assertThat(run.exitCode).as(run.err).isEqualTo(4);
        assertThat(run.err).contains("does not accept this client's certificate");
    }

    @Test
    void endsWith1WhenTheDoormanRefuses() throws IOException, InterruptedException {
        Ended run = knock("open", "127.0.0.9");

        assertThat(run.exitCode).as(run.err).isEqualTo(1);
        assertThat(run.err).contains("KO");
    }

    @Test
    void endsWith2AtAFlagThatIsNotThere() throws IOException, InterruptedException {
        Ended run = knock("open", "--nope");

        assertThat(run.exitCode).isEqualTo(2);
        assertThat(run.err).contains("Unknown option: '--nope'").doesNotContain("\tat ");
    }

    @Test
    void endsWith2WhereThePortIsTaken() throws IOException, InterruptedException {
        String taken = Files.readString(directory.resolve("config.yaml")).replace(":0\"", ":" + port + "\"");
        Files.writeString(directory.resolve("taken.yaml"), taken);

        Ended run = openme("serve", "-c", "taken.yaml");

        assertThat(run.exitCode).isEqualTo(2);
        assertThat(run.err).contains("can't listen on 127.0.0.1:" + port).doesNotContain("\tat ");
    }

    @Test
    void endsWith3WhenNobodyListens() throws IOException, InterruptedException {
        String free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = Integer.toString(socket.getLocalPort());
        }

        Ended run = openme(
                "open",
                "-s",
                "localhost",
                "-p",
                free,
                "--cert",
                "pki/alice.crt",
                "--key",
                "pki/alice.key",
                "--ca",
                "pki/ca.crt");

        assertThat(run.exitCode).as(run.err).isEqualTo(3);
    }

    @Test
    void endsWith4WhenTheDoormanIsOfAnotherCa() throws IOException, InterruptedException {
        TestCa.create().writeTo(Files.createDirectory(directory.resolve("other")));

        Ended run = openme(
                "open",
                "-s",
                "localhost",
                "-p",
                port,
                "--cert",
                "pki/alice.crt",
                "--key",
                "pki/alice.key",
                "--ca",
                "other/ca.crt");

        assertThat(run.exitCode).as(run.err).isEqualTo(4);
        assertThat(run.err).contains("is not believed");
    }

    @Test
    void endsWith0AfterClosingWhenItIsToldTo() throws IOException, InterruptedException {
        Process ours = start("ended", "serve");
        portOf("ended");

        ours.destroy();

        assertThat(ours.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(ours.exitValue()).isZero();
        assertThat(log("ended")).contains("would keep the guard").contains("Stopped");
    }

    @Test
    void seesTheSshSessionThatSudoHides() throws IOException, InterruptedException {
        Files.writeString(
                directory.resolve("guarded.yaml"),
                Files.readString(directory.resolve("config.yaml")).replace("dry-run", "in-process"));
        List<String> command = new ArrayList<>(
                List.of("sh", "-c", "env -u SSH_CONNECTION \"$@\" 2>ssh.err </dev/null; exit $?", "sh"));
        command.addAll(OpenmeJar.command("serve", "-c", "guarded.yaml"));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().put("SSH_CONNECTION", "203.0.113.9 50000 192.0.2.1 22");

        Process process = builder.start();

        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(2);
        assertThat(log("ssh")).contains("service ssh guards 22/tcp, which this SSH session came in by");
    }

    @Test
    void findsEveryFirewallInTheOneJar() throws IOException, InterruptedException {
        Ended run = openme("check");

        assertSucceeds(run);
        assertThat(run.out)
                .containsPattern("(?m)^  nftables ")
                .containsPattern("(?m)^  iptables ")
                .containsPattern("(?m)^  in-process ");
    }

    @Test
    void isOneJarWithoutTheSignaturesOfOthers() throws IOException {
        try (JarFile jar = new JarFile(OpenmeJar.PATH.toFile())) {
            assertThat(jar.getManifest().getMainAttributes().getValue("Implementation-Version"))
                    .isNotEmpty();
            assertThat(jar.stream().map(entry -> entry.getName()))
                    .isNotEmpty()
                    .noneMatch(name -> name.matches("META-INF/[^/]+\\.(SF|RSA|DSA|EC)"))
                    .noneMatch(name -> name.endsWith("module-info.class"));
        }
    }

    private Ended knock(String command, String... more) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(command, "-s", "localhost", "-p", port));
        all.addAll(List.of("--cert", "pki/alice.crt", "--key", "pki/alice.key", "--ca", "pki/ca.crt"));
        all.addAll(List.of(more));
        return openme(all.toArray(String[]::new));
    }

    private Ended openme(String... arguments) throws IOException, InterruptedException {
        Process process = start("run", arguments);
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("no end after " + PATIENCE + " of " + String.join(" ", arguments));
        }
        return new Ended(process.exitValue(), Files.readString(directory.resolve("run.out")), log("run"));
    }

    private Process start(String name, String... arguments) throws IOException {
        return OpenmeJar.start(directory, name, arguments);
    }

    private String portOf(String name) {
        return await().atMost(PATIENCE)
                .until(
                        () -> {
                            Matcher line = LISTENING.matcher(log(name));
                            return line.find() ? line.group(1) : "";
                        },
                        found -> !found.isEmpty());
    }

    private String log(String name) throws IOException {
        return Files.readString(directory.resolve(name + ".err"));
    }

    private static void assertSucceeds(Ended run) {
        assertThat(run.exitCode).as(run.err).isZero();
    }
}
