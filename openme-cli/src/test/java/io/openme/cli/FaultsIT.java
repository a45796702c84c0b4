package io.openme.cli;

import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openme.spi.Protocol;
import io.openme.testkit.Finished;
import io.openme.testkit.TestNetwork;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The daemon as a whole while its host runs out of something, or changes under it: it serves on or says KO, and recovers. */
class FaultsIT extends EndToEnd {
    private static final String ADDRESS = "192.0.2.1/24";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Optional<DoormanProcess> running = Optional.empty();

    FaultsIT(TestNetwork network) {
        super(network);
    }

    @AfterEach
    void end() {
        running.ifPresent(DoormanProcess::kill);
        nft("flush ruleset");
    }

    @Test
    void anAddressThatGoesAwayAndComesBackIsListenedOnAgainWithoutARestart() {
        Path configuration = configuration("listen: \"192.0.2.1:54154\"");
        start(serve(configuration));
        assertThat(knock(client, server4, "open").exitCode()).isZero();
        knock(client, server4, "close").orThrow();

        address("del");
        assertThat(knock(client, server4, "open", "--timeout", "1s").exitCode()).isEqualTo(ExitCode.UNREACHABLE);
        address("add");
        assertReaches(client, server4, DROPPED);
        assertThat(knock(client, server4, "open").exitCode()).isZero();
        assertReaches(client, server4, OPEN);
    }

    @Test
    void anAddressThatIsNotThereAtTheStartIsAnErrorThatNamesItAndLeavesTheFirewallAlone() {
        Path configuration = configuration("listen: \"192.0.2.1:54154\"");
        address("del");
        try {
            Finished start = openme(server, "serve", "-c", configuration.toString());
            assertThat(start.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(start.output())
                    .contains("can't listen on 192.0.2.1:54154: no interface of this host has that address");
            assertThat(server.run("nft", "list", "ruleset").orThrow().output()).isEmpty();
        } finally {
            address("add");
        }
    }

    @Test
    void aFullDiskKeepsNobodyOutAndHealthSaysSoUntilThereIsRoomAgain() throws IOException {
        Path small = Files.createDirectory(directory().resolve("small"));
        Path configuration = configuration(
                "audit: { file: small/audit.jsonl }",
                "grants: { state-directory: small/state }",
                "monitoring: { listen: \"127.0.0.1:0\" }");
        DoormanProcess doorman = start(serve(List.of(
                "sh",
                "-c",
                "mount -t tmpfs -o size=64k,mode=700 openme \"$1\" && shift && exec \"$@\"",
                "sh",
                small.toString(),
                java(),
                "-jar",
                jar(),
                "serve",
                "-c",
                configuration.toString())));
        Path seen = Path.of("/proc/" + doorman.pid() + "/root" + small);
        assertThat(health(doorman)).contains("\"problems\":[]");

        Path filler = seen.resolve("filler");
        try (var out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(new byte[1024]);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
        // Its last page has room for some lines; a new file has none.
        Files.move(seen.resolve("audit.jsonl"), seen.resolve("audit.jsonl.1"));
        assertThat(knock(client, server4, "open").exitCode()).isZero();
        assertReaches(client, server4, OPEN);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(health(doorman))
                        .contains("\"serving\":true", "audit.jsonl can't be written", "grants can't be written"));

        Files.delete(filler);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(health(doorman)).contains("\"problems\":[]"));
        assertThat(Files.readString(seen.resolve("audit.jsonl"))).contains("192.0.2.2");
        assertThat(Files.readString(seen.resolve("state/grants"))).contains("192.0.2.2");
    }

    @Test
    void withoutADescriptorForNftAKnockGetsKoAndWithOneItWorksAgain() throws IOException {
        DoormanProcess doorman = start(serve(configuration()));
        knock(client, server4, "open").orThrow();
        knock(client, server4, "close").orThrow();
        long most = descriptors(doorman) + 2;

        limit(doorman, "0", "--nofile=" + most + ":");
        doorman.awaitLog("The firewall failed");
        assertThat(knock(client, server4, "open", "--timeout", "2s").exitCode()).isNotZero();
        assertThat(admitted()).isEmpty();
        assertReaches(client, server4, DROPPED);

        limit(doorman, "0", "--nofile=4096:");
        recovers(doorman);
    }

    @Test
    void withoutAThreadForNftAKnockGetsKoAndWithOneItWorksAgain() throws IOException {
        // A user of its own, as the limit counts all of a user's threads, and not root, whom none holds.
        String user = "54154";
        Path program = Files.copy(Path.of(jar()), directory().resolve("limited.jar"));
        Path configuration = configuration("grants: { state-directory: limited }");
        server.run("chown", "-R", user, directory().toString()).orThrow();
        List<String> command = new ArrayList<>(List.of("setpriv", "--reuid", user, "--regid", user, "--clear-groups"));
        command.addAll(List.of("--inh-caps", "+net_admin", "--ambient-caps", "+net_admin"));
        command.addAll(List.of(java(), "-jar", program.toString(), "serve", "-c", configuration.toString()));
        DoormanProcess doorman = start(serve(command));
        knock(client, server4, "open").orThrow();
        knock(client, server4, "close").orThrow();

        limit(doorman, user, "--nproc=1:");
        doorman.awaitLog("The firewall failed");
        // What an install did that could not be run is not known for sure, so there is no answer before one works.
        assertThat(knock(client, server4, "open", "--timeout", "2s").exitCode()).isNotZero();
        assertThat(admitted()).isEmpty();

        limit(doorman, user, "--nproc=1000:");
        recovers(doorman);
    }

    @Test
    void whatEndsWhileTheProcessStandsStillEndsInTheKernelAndNobodyPaysForTheTimeAfterwards() throws Exception {
        DoormanProcess doorman = start(serve(configuration("grants: { lifetime: 3s }")));
        knock(client, server4, "open").orThrow();

        doorman.signal("STOP");
        await().atMost(PATIENCE).until(() -> client.probe(Protocol.TCP, server4, SSH) == DROPPED);
        assertThat(admitted()).isEmpty();
        List<String> knock = new ArrayList<>(program());
        knock.addAll(knocking("alice", server4, "open"));
        Process waiting = client.start(knock.toArray(String[]::new));
        // The kernel has taken the connection in, and nobody has answered.
        await().atMost(PATIENCE)
                .until(() -> server.run("ss", "-Htn", "state", "established", "sport", "= :54154")
                        .output()
                        .contains("192.0.2.2"));
        doorman.signal("CONT");

        assertThat(waiting.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(waiting.exitValue()).isZero();
        doorman.awaitLog("Expired: 192.0.2.2 -> ssh of alice");
        await().atMost(PATIENCE).until(() -> admitted().isEmpty());
        assertThat(doorman.isAlive()).isTrue();
    }

    private DoormanProcess start(DoormanProcess doorman) {
        running = Optional.of(doorman);
        return doorman;
    }

    private void recovers(DoormanProcess doorman) {
        await().atMost(PATIENCE).until(() -> knock(client, server4, "open").exitCode() == ExitCode.OK);
        assertReaches(client, server4, OPEN);
        assertReaches(other, server4, DROPPED);
        assertThat(doorman.isAlive()).isTrue();
    }

    private void address(String what) {
        Stream<String> command = Stream.of("ip", "addr", what, ADDRESS, "dev", "to-client");
        server.run(command.toArray(String[]::new)).orThrow();
    }

    /** By the doorman's own user: another needs a capability that root in a container lacks. */
    private void limit(DoormanProcess doorman, String user, String what) {
        server.run(
                        "setpriv",
                        "--reuid",
                        user,
                        "--regid",
                        user,
                        "--clear-groups",
                        "prlimit",
                        "--pid",
                        "" + doorman.pid(),
                        what)
                .orThrow();
    }

    private static long descriptors(DoormanProcess doorman) {
        String[] all = new File("/proc/" + doorman.pid() + "/fd").list();
        assertThat(all).isNotNull();
        return Stream.of(all).mapToLong(Long::parseLong).max().orElseThrow();
    }

    private String health(DoormanProcess doorman) {
        Matcher at = Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)/metrics").matcher(doorman.log());
        assertThat(at.find()).isTrue();
        return server.run(
                        "python3",
                        "-c",
                        "import http.client as h; c = h.HTTPConnection('127.0.0.1', " + at.group(1)
                                + "); c.request('GET', '/health'); print(c.getresponse().read().decode())")
                .orThrow()
                .output();
    }
}
