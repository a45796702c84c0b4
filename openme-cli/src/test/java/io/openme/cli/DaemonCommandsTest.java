package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.testkit.ManualTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonCommandsTest {
    private static final String GOOD = """
            listen: "127.0.0.1:0"
            services: { ssh: [22/tcp] }
            identity: { certificate: localhost.crt, key: localhost.key }
            clients: { ca: ca.crt }
            firewall: { backend: dry-run }
            """;

    private static final String WENT_ON = "can't listen on 127.0.0.1:";

    @TempDir
    private Path directory = Path.of("");

    @BeforeEach
    void writeCertificates() throws IOException {
        ServerFiles.write(directory);
    }

    @Test
    void checkSaysWhatWouldBeInstalled() throws IOException {
        Run run = check(GOOD);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("config.yaml is good")
                .contains("listens on  127.0.0.1:0")
                .contains("guards      ssh [22/tcp]")
                .contains("grants      live 1h")
                .contains("localhost (")
                .containsPattern("dry-run +if named +guards nothing")
                .containsPattern("in-process +if named")
                .containsPattern("nftables +(usable|unusable)")
                .contains("Would be installed (dry-run)")
                .contains("would close ssh [22/tcp] to everyone");
    }

    @Test
    void checkSpeaksJson() throws IOException {
        Run run = check(GOOD, "--json");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .startsWith("{\"configuration\":\"")
                .contains(
                        "\"listen\":[\"127.0.0.1:0\"],\"listenLimitConnections\":200,\"listenLimitMilliseconds\":10000,\"services\":{\"ssh\":[\"22/tcp\"]},\"cut\":[],\"lifetimeSeconds\":3600")
                .contains("{\"name\":\"dry-run\",\"usable\":true,")
                .contains(
                        "\"backend\":\"dry-run\",\"capabilities\":[\"atomic\"],\"preview\":\"would close ssh [22/tcp] to everyone\\n\",\"notes\":[]}");
    }

    @Test
    void checkSaysWhatTheFirewallPromises() throws IOException {
        Run run = check(GOOD, "--firewall", "in-process");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("What in-process promises")
                .containsPattern("enforcing +yes +strangers are kept out")
                .containsPattern("kernel-expiry +yes ")
                .containsPattern("cut +NO ");
        assertThat(check(GOOD, "--firewall", "in-process", "--json").out())
                .contains("\"backend\":\"in-process\",\"capabilities\":[\"atomic\",\"kernel-expiry\",\"enforcing\"]");
    }

    @Test
    void checkShowsHowTheDoormansOwnPortIsLimited() throws IOException {
        String outside = GOOD.replace("127.0.0.1:0", "0.0.0.0:54154");

        assertThat(check(outside, "--firewall", "nftables").out())
                .contains("limits      each source to 200 new connections in 10s, where the firewall can")
                .containsPattern("door-limit +yes ")
                .contains("tcp dport { 54154 } tcp flags & (fin | syn | rst | ack) == syn goto door");
        assertThat(check(outside + "listen-limit: none\n", "--firewall", "nftables")
                        .out())
                .doesNotContain("limits  ")
                .doesNotContain("goto door");
        assertThat(check(outside, "--firewall", "in-process").out()).containsPattern("door-limit +NO ");
    }

    @Test
    void checkEndsWith2WhereConnectionsCantBeCut() throws IOException {
        String cutting = GOOD.replace("[22/tcp]", "{ ports: [22/tcp], established: cut }");
        String reason = "service ssh is to cut its connections, which firewall in-process can't";

        Run run = check(cutting, "--firewall", "in-process");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(reason).contains("write established: keep");
        assertThat(run.out()).contains("guards      ssh [22/tcp], cuts connections when a grant ends");

        Run json = check(cutting, "--firewall", "in-process", "--json");
        assertThat(json.exitCode()).isEqualTo(2);
        assertThat(json.out()).contains("\"cut\":[\"ssh\"]").contains("\"error\":\"" + reason);
    }

    @Test
    void checkPreviewsTheRulesOfAnotherFirewall() throws IOException {
        Run run = check(GOOD, "--firewall", "nftables");

        // Needs nft for a preview, as serve would; without it the reason is told.
        assertThat(run.exitCode() == 0 ? run.out() : run.err()).contains("nft");
        assertThat(run.out()).contains("Firewalls").doesNotContain("would close ssh");
    }

    @Test
    void checkEndsWith2AtABadConfiguration() throws IOException {
        Run run = check(GOOD + "grant: { lifetime: 1h }\n");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .isEqualTo("openme: " + directory.resolve("config.yaml") + ":6: unknown key grant; did you mean grants?"
                        + System.lineSeparator());
    }

    @Test
    void checkEndsWith2AtAnUnknownFirewall() throws IOException {
        Run run = check(GOOD, "--firewall", "nft");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("there is no firewall backend named \"nft\"; known are ");
    }

    @Test
    void checkEndsWith2WhereTheDoormanGuardsItsOwnPort() throws IOException {
        Run run = check(GOOD.replace("127.0.0.1:0", "127.0.0.1:22"));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("service ssh guards port 22, where the doorman itself listens");
    }

    @Test
    void checkEndsWith2WhereAFileIsMissing() throws IOException {
        Run run = check(GOOD.replace("ca.crt", "nowhere.crt"));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("there is no file " + directory.resolve("nowhere.crt"));
    }

    @Test
    void checkWarnsOfAKeyThatOthersCanRead() throws IOException {
        Files.setPosixFilePermissions(directory.resolve("localhost.key"), PosixFilePermissions.fromString("rw-r-----"));

        Run run = check(GOOD);

        assertThat(run.exitCode()).isZero();
        assertThat(run.err())
                .startsWith("openme: warning: the key file ")
                .contains("run: chmod 600 '" + directory.resolve("localhost.key") + "'");
    }

    @Test
    void saysLoudlyThatDebugIsADryRun() throws IOException {
        String original = """
                BIND_ADDRESS: '127.0.0.1'
                LISTENING_PORT: 54154
                PORTS: [{port: 80, protocol: tcp}]
                CERT_FILE: localhost.crt
                KEY_FILE: localhost.key
                CA_CERT_FILE: ca.crt
                DEBUG: true
                """;

        Run run = check(original);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).contains("DEBUG: true, which means a DRY RUN");
        assertThat(run.out()).contains("would close ports [80/tcp] to everyone");

        assertThat(check(original, "--firewall", "in-process").err()).isEmpty();
    }

    @Test
    void dryRunAndAnotherFirewallContradictEachOther() throws IOException {
        Run run = check(GOOD, "--dry-run", "--firewall", "nftables");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--dry-run is a firewall, too, and not nftables");
    }

    @Test
    void refusesToBeADaemonAndSaysWhatIsOne() {
        for (String[] arguments : new String[][] {{"serve", "-d"}, {"-d"}, {"--daemon", "-c", "x.yaml"}}) {
            Run run = Run.of(directory, arguments);

            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err())
                    .contains("stays in the foreground")
                    .contains("ExecStart=")
                    .contains("nohup openme serve");
        }
    }

    @Test
    void asksBeforeItGuardsThePortOfTheSshSession() throws IOException {
        String session = "203.0.113.9 50000 192.0.2.1 22";

        Run nobody = serveWhereThePortIsTaken("in-process", session, List.of());
        assertThat(nobody.exitCode()).isEqualTo(2);
        assertThat(nobody.err())
                .contains("service ssh guards 22/tcp, which this SSH session came in by")
                .contains("--trial 10m")
                .contains("say --yes")
                .doesNotContain(WENT_ON);

        Run no = serveWhereThePortIsTaken("in-process", session, List.of(""));
        assertThat(no.exitCode()).isEqualTo(2);
        assertThat(no.err()).contains("nothing was done").doesNotContain(WENT_ON);

        assertThat(serveWhereThePortIsTaken("in-process", session, List.of("y")).err())
                .contains(WENT_ON);
        assertThat(serveWhereThePortIsTaken("in-process", session, List.of(), "--yes")
                        .err())
                .contains(WENT_ON);
    }

    @Test
    void doesNotAskWhereTheSshSessionIsInNoDanger() throws IOException {
        String session = "203.0.113.9 50000 192.0.2.1 22";

        for (Run run : List.of(
                serveWhereThePortIsTaken("in-process", session + "22", List.of()),
                serveWhereThePortIsTaken("in-process", "", List.of()),
                serveWhereThePortIsTaken("dry-run", session, List.of()),
                serveWhereThePortIsTaken("in-process", session, List.of(), "--dry-run"),
                serveWhereThePortIsTaken("in-process", session, List.of(), "--trial", "1h", "--confirm-file", "new"))) {
            assertThat(run.err()).contains(WENT_ON).doesNotContain("SSH");
        }
    }

    /** It gets as far as listening, or not that far. */
    private Run serveWhereThePortIsTaken(String firewall, String session, List<String> answers, String... more)
            throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            Path file = Files.writeString(
                    directory.resolve("config.yaml"),
                    GOOD.replace("127.0.0.1:0", "127.0.0.1:" + taken.getLocalPort())
                            .replace("dry-run", firewall));
            Host host = new Host(
                    new Run.Typed(answers),
                    directory,
                    directory.resolve("state"),
                    Clock.systemUTC(),
                    () -> new ManualTime(Instant.EPOCH),
                    () -> Optional.of(session));
            return Run.on(
                    host,
                    Stream.concat(Stream.of("serve", "-c", file.toString()), Stream.of(more))
                            .toArray(String[]::new));
        }
    }

    @Test
    void aTrialTakesAWayToConfirmIt() throws IOException {
        Path file = Files.writeString(directory.resolve("config.yaml"), GOOD);
        Path there = Files.createFile(directory.resolve("there"));

        Run none = Run.of(directory, "serve", "-c", file.toString(), "--trial", "10m");
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err()).contains("no terminal to confirm the trial at").contains("--confirm-file FILE");

        Run old =
                Run.of(directory, "serve", "-c", file.toString(), "--trial", "10m", "--confirm-file", there.toString());
        assertThat(old.exitCode()).isEqualTo(2);
        assertThat(old.err()).contains("the file " + there + " is there already");

        Run without = Run.of(directory, "serve", "-c", file.toString(), "--confirm-file", "new");
        assertThat(without.exitCode()).isEqualTo(2);
        assertThat(without.err()).contains("add --trial 10m");
    }

    private Run check(String configuration, String... more) throws IOException {
        Path file = Files.writeString(directory.resolve("config.yaml"), configuration);
        String[] arguments = new String[more.length + 3];
        arguments[0] = "check";
        arguments[1] = "-c";
        arguments[2] = file.toString();
        System.arraycopy(more, 0, arguments, 3, more.length);
        return Run.of(directory, arguments);
    }
}
