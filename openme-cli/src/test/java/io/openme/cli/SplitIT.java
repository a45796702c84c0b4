package io.openme.cli;

import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openme.protocol.IpLiteral;
import io.openme.testkit.Finished;
import io.openme.testkit.TestNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A doorman in two processes: one that changes the firewall, and one that faces the network as user nobody with no
 * privileges at all.
 */
class SplitIT extends EndToEnd {
    private static final List<String> AS_NOBODY = List.of(
            "setpriv",
            "--reuid=nobody",
            "--regid=nogroup",
            "--clear-groups",
            "--inh-caps=-all",
            "--bounding-set=-all",
            "--no-new-privs");
    /** What openme-firewall.service gives its process, here to another user who is everywhere. */
    private static final List<String> AS_HELPER = List.of(
            "setpriv",
            "--reuid=daemon",
            "--regid=nogroup",
            "--clear-groups",
            "--inh-caps=-all,+net_admin",
            "--ambient-caps=-all,+net_admin",
            "--bounding-set=-all,+net_admin",
            "--no-new-privs");

    private final List<DoormanProcess> started = new ArrayList<>();
    private Path jar = Path.of("");
    private Path state = Path.of("");

    SplitIT(TestNetwork network) {
        super(network);
    }

    @BeforeEach
    void letNobodyRead() throws IOException {
        state = Files.createTempDirectory(directory(), "state");
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxr-xr-x"));
        jar = directory().resolve("openme.jar");
        if (!Files.exists(jar)) {
            Files.copy(Path.of(jar()), jar);
        }
        // The group of the key is the one thing that is given to the process that faces the network.
        Path key = Path.of(pki("doorman.example.key"));
        server.run("chgrp", "nogroup", key.toString()).orThrow();
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        for (Path each : List.of(directory(), key.getParent())) {
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    /** Also what a test that failed has left running, which would be in the way of the next. */
    @AfterEach
    void uninstall() {
        started.forEach(DoormanProcess::kill);
        started.clear();
        openme(server, "uninstall", "--firewall", "nftables", "--yes").orThrow();
    }

    @Test
    void facesTheNetworkWithoutAnyPrivilege() throws IOException {
        DoormanProcess doorman = split(configuration());
        ProcessHandle facing = facingTheNetwork(doorman);

        assertThat(Files.readString(Path.of("/proc", "" + facing.pid(), "status")))
                .containsPattern("Uid:\t65534\t65534\t65534\t65534\n")
                .containsPattern("CapInh:\t0{16}\nCapPrm:\t0{16}\nCapEff:\t0{16}\nCapBnd:\t0{16}\nCapAmb:\t0{16}\n")
                .containsPattern("NoNewPrivs:\t1\n");
        assertReaches(client, server4, DROPPED);
        assertThat(knock(client, server4, "open").exitCode()).isZero();
        assertReaches(client, server4, OPEN);
        assertReaches(other, server4, DROPPED);

        doorman.terminate();
        assertThat(facing.isAlive()).isFalse();
        assertReaches(client, server4, DROPPED);
    }

    /** Who has root's terminal can type there what root's shell then runs. */
    @Test
    void hasNeitherTheTerminalNorTheEnvironmentOfItsHelper() throws Exception {
        // By script it has a terminal, as where a person starts it.
        DoormanProcess typed = listening(new DoormanProcess(
                server,
                "SplitIT",
                List.of(
                        "env",
                        "TOKEN=of-root",
                        "script",
                        "-qec",
                        "exec " + String.join(" ", splitting(configuration())),
                        "/dev/null")));
        ProcessHandle helper = process(typed, "--split");
        ProcessHandle facing = process(typed, "--helper");

        assertThat(session(facing)).doesNotContainAnyElementsOf(session(helper));
        assertThat(session(facing).get(1)).as("no terminal").isEqualTo("0");
        for (String fd : List.of("0", "1", "2")) {
            assertThat(Files.readSymbolicLink(proc(facing, "fd").resolve(fd)).toString())
                    .matches("/dev/null|pipe:.*");
        }
        assertThat(Files.readString(proc(helper, "environ"))).contains("TOKEN=of-root");
        assertThat(Files.readString(proc(facing, "environ")).split("\0"))
                .allMatch(variable -> variable.matches("(PATH|LANG|LC_[A-Z]+|TZ|STATE_DIRECTORY)=.*"));

        assertThat(helper.destroy()).isTrue();
        assertThat(typed.exitCode()).as(typed.log()).isEqualTo(ExitCode.OK);
        assertThat(facing.isAlive()).isFalse();
    }

    @Test
    void saysWhoElseIsThatUserAndCouldTakeItOver() {
        Process left = server.start(
                Stream.concat(AS_NOBODY.stream(), Stream.of("sleep", "60")).toArray(String[]::new));
        try {
            DoormanProcess doorman = split(configuration());

            assertThat(doorman.log()).containsPattern("User nobody has processes already: .*\\b" + left.pid() + "\\b");
            doorman.terminate();
        } finally {
            left.destroyForcibly();
        }
    }

    /** In such a directory it could exchange what root has just made for a link before root gives that away. */
    @Test
    void rootMakesNothingInADirectoryOfTheOtherUser() throws IOException {
        server.run("chown", "nobody", state.toString()).orThrow();

        Finished finished = server.run(splitting(configuration()).toArray(String[]::new));

        assertThat(finished.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(finished.output()).contains(state + " belongs to nobody");
        assertThat(state).isEmptyDirectory();
    }

    @Test
    void removesTheGuardOnlyForWhoeverEndsTheHelper() {
        Path removing = configuration("firewall: { on-close: remove }");
        DoormanProcess killed = split(removing);
        assertThat(knock(client, server4, "open").exitCode()).isZero();

        assertThat(facingTheNetwork(killed).destroyForcibly()).isTrue();

        assertThat(killed.exitCode()).as(killed.log()).isEqualTo(ExitCode.BUG);
        assertReaches(other, server4, DROPPED);
        assertThat(admitted()).as("until its own end").contains(IpLiteral.format(client4));

        split(removing).terminate();
        assertReaches(other, server4, OPEN);
    }

    @Test
    void endsWithItsHelper() throws Exception {
        DoormanProcess doorman = split(configuration());
        ProcessHandle facing = facingTheNetwork(doorman);
        Path socket = socket(facing);

        doorman.kill();

        facing.onExit().get(30, TimeUnit.SECONDS);
        assertReaches(other, server4, DROPPED);
        assertThat(socket.getParent()).as("what the kill left").exists();
        split(configuration()).terminate();
        assertThat(socket.getParent()).doesNotExist();
    }

    @Test
    void saysWhatTheOtherUserCantRead() throws IOException {
        Files.setPosixFilePermissions(
                Path.of(pki("doorman.example.key")), PosixFilePermissions.fromString("rw-------"));

        Finished finished = server.run(splitting(configuration()).toArray(String[]::new));

        assertThat(finished.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(finished.output()).contains("user nobody can't read " + pki("doorman.example.key"), "chmod 640");
        assertReaches(other, server4, OPEN);
    }

    @Test
    void outlivesEitherHalf() throws IOException {
        Path configuration = configuration("grants: { state-directory: none }");
        Path socket = runDirectory().resolve("socket");
        DoormanProcess helper = helper(configuration, socket);
        DoormanProcess doorman = behind(configuration, socket);
        assertThat(knock(client, server4, "open").exitCode()).isZero();

        helper.kill();
        assertReaches(client, server4, OPEN);
        assertReaches(other, server4, DROPPED);
        Finished meanwhile = knock(other, server4, "open");
        assertThat(meanwhile.exitCode()).as(meanwhile.toString()).isEqualTo(ExitCode.REFUSED);

        DoormanProcess again = helper(configuration, socket);
        await().atMost(60, TimeUnit.SECONDS)
                .untilAsserted(() ->
                        assertThat(knock(other, server4, "open").exitCode()).isZero());
        assertReaches(other, server4, OPEN);
        assertThat(admitted()).hasSize(2);

        doorman.kill();
        assertReaches(client, server4, OPEN);
        nft("delete table inet openme");
        again.awaitLog("the doorman did not put it back");
        await().atMost(30, TimeUnit.SECONDS).untilAsserted(() -> assertReaches(client, server4, DROPPED));

        behind(configuration, socket).terminate();
        assertReaches(client, server4, DROPPED);
        again.terminate();
    }

    @Test
    void givesWhoeverTakesItOverNothingButOpenings() throws IOException {
        Path configuration = configuration("grants: { longest: 2h }");
        Path socket = runDirectory().resolve("socket");
        DoormanProcess helper = helper(configuration, socket);
        nft("table inet bystander { chain c { type filter hook input priority 0; tcp dport 7 drop; }; }");
        String address = IpLiteral.format(client4);

        assertThat(say(AS_NOBODY, socket, 1, "hello 1\ninstall 1\n+ web " + address + " 3600000000000\n"))
                .endsWith("\nok 0\n");
        assertReaches(client, server4, OPEN);
        String before = ruleset();

        for (String change : List.of("+ dns " + address + " 1000000000", "+ web " + address + " 7200000000001")) {
            assertThat(say(AS_NOBODY, socket, 1, "hello 1\napply 1\n" + change + "\n"))
                    .contains("\nfailed rejected ");
        }
        for (String request : List.of(
                "uninstall",
                "flush ruleset",
                "delete table inet bystander",
                "apply 1\n+ web 0.0.0.0/0 1000000000",
                "apply 1\n+ web " + address + ",0.0.0.0/0 1000000000",
                "apply 1\n+ web } 1000000000",
                "install 4000000000",
                "x".repeat(1 << 20))) {
            assertThat(say(AS_NOBODY, socket, 1, "hello 1\n" + request + "\nintact\n"))
                    .as(request)
                    .doesNotContain("yes");
        }
        say(AS_NOBODY, socket, 2000, "apply 1\n+ web");
        assertThat(say(List.of(), socket, 1, "hello 1\ninstall 0\n"))
                .as("another user")
                .isEmpty();
        helper.awaitLog("Somebody else than user nobody");

        assertThat(say(AS_NOBODY, socket, 1, "hello 1\nintact\n")).endsWith("\nok 1\nyes\n");
        assertThat(ruleset()).isEqualTo(before);
        assertThat(helper.log().lines().count()).as("lines that a flood wrote").isLessThan(30);
        helper.terminate();
        nft("delete table inet bystander");
    }

    private String ruleset() {
        return server.run("nft", "list", "ruleset")
                .orThrow()
                .output()
                .replaceAll("expires \\S+|packets \\d+ bytes \\d+", "");
    }

    private DoormanProcess split(Path configuration) {
        return listening(new DoormanProcess(server, "SplitIT", splitting(configuration)));
    }

    private List<String> splitting(Path configuration) {
        return List.of(
                "env",
                "STATE_DIRECTORY=" + state,
                java(),
                "-jar",
                jar.toString(),
                "serve",
                "--split",
                "--user",
                "nobody",
                "-c",
                configuration.toString());
    }

    private DoormanProcess helper(Path configuration, Path socket) {
        DoormanProcess helper = new DoormanProcess(
                server,
                "SplitIT-helper",
                program(AS_HELPER, "firewall-helper", "-c", configuration, "--socket", socket, "--peer", "nobody"));
        started.add(helper);
        helper.awaitLog("Changes the firewall for user nobody");
        return helper;
    }

    private DoormanProcess behind(Path configuration, Path socket) {
        return listening(new DoormanProcess(
                server, "SplitIT", program(AS_NOBODY, "serve", "-c", configuration, "--helper", socket)));
    }

    private DoormanProcess listening(DoormanProcess doorman) {
        started.add(doorman);
        doorman.awaitStarted();
        return doorman;
    }

    private List<String> program(List<String> prefix, Object... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(java(), "-jar", jar.toString()));
        Stream.of(arguments).map(Objects::toString).forEach(command::add);
        return command;
    }

    /** As a unit's RuntimeDirectory=, with the group of the process that faces the network. */
    private Path runDirectory() throws IOException {
        Path run = Files.createTempDirectory(directory(), "run");
        server.run("chown", "daemon:nogroup", run.toString()).orThrow();
        Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwxr-x---"));
        return run;
    }

    /** See {@link io.openme.cli.split.Say}. */
    private String say(List<String> prefix, Path socket, int times, String what) throws IOException {
        Path name = Path.of("io", "openme", "cli", "split", "Say.class");
        Path copy = directory().resolve("classes").resolve(name);
        if (!Files.exists(copy)) {
            Files.createDirectories(copy.getParent());
            Files.copy(Path.of("target", "test-classes").resolve(name), copy);
        }
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(java(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(List.of("-cp", directory().resolve("classes").toString()));
        command.addAll(List.of("io.openme.cli.split.Say", socket.toString(), "" + times));
        return server.runWithInput(what, command.toArray(String[]::new))
                .orThrow()
                .output();
    }

    private static ProcessHandle facingTheNetwork(DoormanProcess doorman) {
        // Another child may be a command that looks after the firewall.
        return process(doorman, "--helper");
    }

    private static ProcessHandle process(DoormanProcess doorman, String option) {
        return doorman.handle()
                .descendants()
                .filter(each -> {
                    try {
                        List<String> words =
                                List.of(Files.readString(proc(each, "cmdline")).split("\0", -1));
                        return words.get(0).endsWith("java") && words.contains(option);
                    } catch (IOException e) {
                        return false;
                    }
                })
                .findFirst()
                .orElseThrow();
    }

    /** The session, and the number of its terminal. */
    private static List<String> session(ProcessHandle process) throws IOException {
        String stat = Files.readString(proc(process, "stat"));
        return List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ")).subList(3, 5);
    }

    private static Path proc(ProcessHandle process, String file) {
        return Path.of("/proc", "" + process.pid(), file);
    }

    private static Path socket(ProcessHandle facing) throws IOException {
        List<String> words = List.of(
                Files.readString(Path.of("/proc", "" + facing.pid(), "cmdline")).split("\0", -1));
        return Path.of(words.get(words.indexOf("--helper") + 1));
    }
}
