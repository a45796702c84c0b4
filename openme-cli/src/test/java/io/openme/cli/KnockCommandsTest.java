package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.doorman.Doorman;
import io.openme.doorman.DoormanListener;
import io.openme.firewall.InProcessFirewall;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnockCommandsTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final TestCa ca = TestCa.create();
    private final TestCertificate serverCertificate = ca.server("localhost").issue();
    private final InProcessFirewall firewall = new InProcessFirewall();
    private final Semaphore opened = new Semaphore(0);
    private final Doorman doorman = doorman();

    @TempDir
    private Path directory = Path.of("");

    private String port = "";

    @BeforeEach
    void start() throws IOException {
        ca.writeTo(directory);
        serverCertificate.writeTo(directory);
        write(ca.client("alice").issue());
        doorman.start();
        port = Integer.toString(doorman.port());
    }

    @AfterEach
    void stop() {
        doorman.close();
    }

    @Test
    void opensAndClosesForThisHost() {
        Run opened = knock("open");
        assertThat(opened.exitCode()).as(opened.err()).isZero();
        assertThat(opened.out())
                .matches("OK: localhost port \\d+ opened for 127.0.0.1: ssh, web, for 1h \\(\\d+ ms\\)\\R");
        assertThat(opened.err()).isEmpty();
        assertThat(firewall.admits(LOOPBACK, "ssh")).isTrue();

        Run closed = knock("close");
        assertThat(closed.exitCode()).as(closed.err()).isZero();
        assertThat(closed.out()).matches("OK: localhost port \\d+ closed for this host: 2 closed \\(\\d+ ms\\)\\R");
        assertThat(firewall.admits(LOOPBACK, "ssh")).isFalse();
    }

    @Test
    void opensAndClosesForAGuest() throws IOException {
        InetAddress guest = InetAddress.getByAddress(new byte[] {(byte) 198, 51, 100, 7});

        assertThat(knock("open", "198.51.100.7").out()).contains(" opened for 198.51.100.7: ssh, web, for 1h ");
        assertThat(firewall.admits(guest, "ssh")).isTrue();
        assertThat(knock("close", "198.51.100.7").out()).contains(" closed for 198.51.100.7: 2 closed ");
        assertThat(firewall.admits(guest, "ssh")).isFalse();
    }

    @Test
    void opensOneServiceForATimeAndShowsHowLongItIsStillOpen() {
        assertThat(knock("open", "--service", "ssh", "--for", "20m").out()).contains("127.0.0.1: ssh, for 20m (");
        assertThat(firewall.admits(LOOPBACK, "web")).isFalse();

        Run status = knock("status");
        assertThat(status.exitCode()).as(status.err()).isZero();
        assertThat(status.out().lines())
                .satisfiesExactly(
                        line -> assertThat(line).matches("localhost port \\d+ sees you come from 127.0.0.1"),
                        line -> assertThat(line).startsWith("ADDRESS").contains("TIME LEFT"),
                        line -> assertThat(line).matches("127\\.0\\.0\\.1 +ssh +(20m|19m5\\ds) *"));
        assertThat(knock("status", "--json").out())
                .matches("\\{\"address\":\"127.0.0.1\",\"held\":\\[\\{\"address\":\"127.0.0.1\",\"service\":\"ssh\","
                        + "\"remainingSeconds\":1\\d{3}}],\"more\":0}\\R");
        assertThat(knock("status", "--me").out()).isEqualTo("127.0.0.1" + System.lineSeparator());

        assertThat(knock("close", "--service", "web").out()).contains("there was nothing to close");
        assertThat(firewall.admits(LOOPBACK, "ssh")).isTrue();
        assertThat(knock("close", "--all").out()).contains("closed for all addresses: 1 closed");
        assertThat(knock("status").out()).contains("Nothing is open.");
    }

    @ParameterizedTest
    @CsvSource({
        "open --service nope, service-not-permitted",
        "status --all, not-permitted",
        "close --client 0000000000000000000000000000000000000000000000000000000000000000, not-permitted",
        "hold --service nope, service-not-permitted",
    })
    void endsWith1AndTheReasonWhenThePolicyRefuses(String arguments, String reason) {
        String[] words = arguments.split(" ", -1);

        Run run = knock(words[0], Arrays.copyOfRange(words, 1, words.length));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("(" + reason + ")");
    }

    @Test
    void holdsUntilItIsStoppedAndThenCloses() throws Exception {
        FutureTask<Run> holding = new FutureTask<>(() -> knock("hold", "--service", "ssh", "--for", "10m"));
        Thread thread = new Thread(holding, "hold");
        thread.start();
        assertThat(opened.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        assertThat(firewall.admits(LOOPBACK, "ssh")).isTrue();

        thread.interrupt();

        Run run = holding.get(10, TimeUnit.SECONDS);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out().lines()).last().asString().isEqualTo("IPv4: closed for 127.0.0.1: ssh");
        assertThat(firewall.admits(LOOPBACK, "ssh")).isFalse();
    }

    @Test
    void believesADoormanOfAnotherNameByThePinThatItPrints() {
        String pin = Run.of(directory, "pin", directory.resolve("localhost.crt").toString())
                .out()
                .strip();

        assertThat(knock("open", "--server-name", "other.example", "--pin", pin).exitCode())
                .isZero();
        assertThat(knock("open", "--pin", "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
                        .err())
                .contains("the server's key has the pin " + pin);
    }

    @Test
    void understandsTheFlagsOfTheOriginalClient() throws IOException {
        InetAddress guest = InetAddress.getByAddress(new byte[] {(byte) 198, 51, 100, 8});
        String[] server = {"-s", "localhost", "-p", port, "-i", "198.51.100.8"};

        assertThat(Run.of(directory, all(server, identity("alice"), "-o")).exitCode())
                .isZero();
        assertThat(firewall.admits(guest, "ssh")).isTrue();
        assertThat(Run.of(directory, all(server, identity("alice"), "--miopen")).exitCode())
                .isZero();
        assertThat(firewall.admits(guest, "ssh")).isFalse();
        assertThat(Run.of(directory, all(new String[] {"-e", "-s", "localhost", "-p", port}, identity("alice")))
                        .out())
                .startsWith("127.0.0.1");
    }

    @Test
    void endsWith1WhenTheDoormanRefuses() {
        Run run = knock("open", "127.0.0.9");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .startsWith("openme: the server said KO to OPEN address=127.0.0.9 (bad-address), so nothing changed: ");
    }

    @Test
    void endsWith3WhenNobodyListens() throws IOException {
        String free;
        try (ServerSocket socket = new ServerSocket(0, 1, LOOPBACK)) {
            free = Integer.toString(socket.getLocalPort());
        }

        Run run = Run.of(directory, all(new String[] {"open", "-s", "127.0.0.1", "-p", free}, identity("alice")));

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("can't connect to 127.0.0.1 port " + free);
    }

    @Test
    void endsWith3WhenTheAnswerIsLate() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, LOOPBACK)) {
            String[] server = {"open", "-s", "127.0.0.1", "-p", Integer.toString(silent.getLocalPort())};

            Run run = Run.of(directory, all(server, identity("alice"), "--timeout", "PT0.2S"));

            assertThat(run.exitCode()).isEqualTo(3);
            assertThat(run.err()).contains("within 200 ms");
        }
    }

    @Test
    void endsWith4WhenTheDoormanDoesNotKnowTheClient() throws IOException {
        TestCertificate stranger = TestCa.create().client("stranger").issue();
        write(stranger);

        Run run = Run.of(directory, all(new String[] {"open", "-s", "localhost", "-p", port}, identity("stranger")));

        assertThat(run.exitCode()).isEqualTo(4);
        assertThat(run.err()).contains("does not accept this client's certificate");
        assertThat(firewall.admits(LOOPBACK, "ssh")).isFalse();
    }

    @Test
    void endsWith4WhenTheDoormanHasAnotherName() {
        Run run = knock("open", "--server-name", "other.example");

        assertThat(run.exitCode()).isEqualTo(4);
        assertThat(run.err()).contains("is not for other.example");
    }

    @Test
    void endsWith4WhenTheDoormanIsOfAnotherCa() throws IOException {
        Path other = TestCa.create().writeTo(Files.createDirectory(directory.resolve("other")));
        String[] identity = identity("alice");
        identity[5] = other.toString();

        Run run = Run.of(directory, all(new String[] {"open", "-s", "localhost", "-p", port}, identity));

        assertThat(run.exitCode()).isEqualTo(4);
        assertThat(run.err()).contains("is not believed");
    }

    @Test
    void refusesAKeyThatOthersCanRead() throws IOException {
        write(ca.client("open-key").issue());
        Path key = directory.resolve("open-key.key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));

        Run run = Run.of(directory, all(new String[] {"open", "-s", "localhost", "-p", port}, identity("open-key")));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("run: chmod 600 '" + key + "'");
    }

    @Test
    void takesAPkcs12Store() throws IOException {
        Path store = directory.resolve("alice.p12");
        Files.write(store, ca.client("alice").issue().pkcs12("secret".toCharArray()));
        own(store);
        Path secret = Files.writeString(directory.resolve("secret"), "secret\n");
        Path wrong = Files.writeString(directory.resolve("wrong"), "Secret\n");
        String[] arguments = {
            "open",
            "-s",
            "localhost",
            "-p",
            port,
            "--ca",
            directory.resolve("ca.crt").toString(),
            "--p12",
            store.toString()
        };

        assertThat(Run.of(directory, all(arguments, "--passphrase-file", secret.toString()))
                        .exitCode())
                .isZero();
        assertThat(Run.answering(directory, List.of("secret"), arguments).exitCode())
                .isZero();
        Run refused = Run.of(directory, all(arguments, "--passphrase-file", wrong.toString()));
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("the passphrase does not open " + store);
        Run unanswered = Run.of(directory, arguments);
        assertThat(unanswered.exitCode()).isEqualTo(2);
        assertThat(unanswered.err()).contains("nobody answers at a terminal; give --passphrase-file FILE");
    }

    @Test
    void findsTheIdentityInTheUsersSettings() throws IOException {
        Path settings = Files.createDirectory(directory.resolve("settings"));
        ca.writeTo(settings);
        TestCertificate alice = ca.client("client").issue();
        alice.writeTo(settings);
        own(settings.resolve("client.key"));

        Run run = Run.of(settings, "open", "-s", "localhost", "-p", port);

        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    @Test
    void saysWhereAnIdentityIsLookedFor() {
        Path nothing = directory.resolve("nothing");

        Run run = Run.of(nothing, "open", "-s", "localhost", "-p", port);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains(
                        "give --cert FILE --key FILE, or --p12 FILE (or put it into " + nothing.resolve("client.crt"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "open | Missing required option: '--server=HOST'",
                "open door.example -s localhost | \"door.example\" is no IP address",
                "open 10.0.0.0/8 -s localhost | \"10.0.0.0/8\" is no IP address",
                "open -s localhost -p 65536 | \"65536\" is no port",
                "open -s localhost -p ssh | \"ssh\" is no port",
                "open -s localhost --timeout soon | \"soon\" is no duration",
                "open -s localhost --timeout 0s | \"0s\" is no duration",
                "open -s localhost --from lo | \"lo\" is no IP address",
                "open -s localhost --key x.key | --key needs the certificate, too",
                "open -s localhost --p12 x.p12 --key x.key | --p12 holds a certificate and a key",
                "open -s localhost --nope | Unknown option: '--nope'",
                "opn | Did you mean: openme open?",
                "-e | Missing required option: '--server=HOST'",
                "open -s localhost --pin 12 | \"12\" is no pin",
                "open -s localhost --for 1d12x | \"1d12x\" is no duration",
                "close 192.0.2.1 --all -s localhost | leave out 192.0.2.1",
                "close --client ab -s localhost | \"ab\" is no fingerprint",
                "status --me --json -s localhost | leave out --all and --json",
            })
    void endsWith2AtWrongUsage(String arguments, String message) {
        Run run = Run.of(directory, arguments.split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(message).doesNotContain("\tat ");
    }

    private Run knock(String command, String... more) {
        return Run.of(directory, all(new String[] {command, "-s", "localhost", "-p", port}, identity("alice"), more));
    }

    private String[] identity(String name) {
        return new String[] {
            "--cert", directory.resolve(name + ".crt").toString(),
            "--key", directory.resolve(name + ".key").toString(),
            "--ca", directory.resolve("ca.crt").toString()
        };
    }

    private void write(TestCertificate certificate) throws IOException {
        certificate.writeTo(directory);
        own(directory.resolve(certificate.name() + ".key"));
    }

    private static void own(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static String[] all(String[] first, String... second) {
        return all(first, second, new String[0]);
    }

    private static String[] all(String[] first, String[] second, String... third) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(second));
        all.addAll(List.of(third));
        return all.toArray(String[]::new);
    }

    private Doorman doorman() {
        TestCertificate server = serverCertificate;
        return Doorman.builder()
                .identity(Identity.of(server.key(), server.chain()))
                .trust(Trust.of(ca.certificate()))
                .listen(new InetSocketAddress(LOOPBACK, 0))
                .service("ssh", "22/tcp")
                .service("web", "80/tcp")
                .listener(new DoormanListener() {
                    @Override
                    public void opened(Opened event) {
                        opened.release();
                    }
                })
                .firewall(firewall)
                .build();
    }
}
