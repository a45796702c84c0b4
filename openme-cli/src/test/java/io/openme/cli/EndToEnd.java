package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.protocol.IpLiteral;
import io.openme.spi.Protocol;
import io.openme.testkit.Finished;
import io.openme.testkit.Host;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import io.openme.testkit.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The program as people run it, on the hosts of a test network: the doorman's jar on the server, its clients on the
 * others, certificates of {@code openme ca}, and the kernel's own firewall between them.
 */
@ExtendWith(TestNetworkExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
abstract class EndToEnd {
    static final int DOOR = 54154;
    /** Guarded by {@link #configuration}: ssh for TCP, web for both. */
    static final int SSH = 2022;

    static final int WEB = 2080;
    static final String SERVER_NAME = "doorman.example";

    private static final Pattern SET = Pattern.compile("set \\S+-ipv[46] \\{([^}]*\\{[^}]*})?");
    private static final Pattern ADMITTED = Pattern.compile("([0-9a-f.:]+) timeout ");

    final Host server;
    final Host client;
    final Host other;
    final InetAddress server4;
    final InetAddress client4;
    private Path directory;
    private int doormen;

    EndToEnd(TestNetwork network) {
        server = network.server();
        client = network.client();
        other = network.other();
        server4 = server.ipv4().get(0);
        client4 = client.ipv4().get(0);
    }

    @BeforeAll
    void makeCertificatesAndServices(@TempDir Path temporary) {
        directory = temporary;
        String pki = directory().resolve("pki").toString();
        List<String> names = new ArrayList<>(List.of("ca", "server", "--dir", pki, SERVER_NAME));
        Stream.concat(server.ipv4().stream(), server.ipv6().stream())
                .map(IpLiteral::format)
                .forEach(names::add);
        openme(server, "ca", "init", "--dir", pki, "--no-passphrase").orThrow();
        openme(server, names.toArray(String[]::new)).orThrow();
        openme(server, "ca", "client", "--dir", pki, "alice").orThrow();
        server.echo(Protocol.TCP, SSH);
        server.echo(Protocol.TCP, WEB);
        server.echo(Protocol.UDP, WEB);
    }

    /** Where a test's files are; {@code pki} in it is the CA. */
    final Path directory() {
        return directory;
    }

    /** Runs the program on a host. */
    final Finished openme(Host host, String... arguments) {
        return host.run(Stream.concat(program().stream(), Stream.of(arguments)).toArray(String[]::new));
    }

    /** Runs {@code openme open} or {@code close} as alice. */
    final Finished knock(Host host, InetAddress doorman, String... commandAndOptions) {
        return knock(host, "alice", doorman, commandAndOptions);
    }

    final Finished knock(Host host, String identity, InetAddress doorman, String... commandAndOptions) {
        return openme(host, knocking(identity, doorman, commandAndOptions).toArray(String[]::new));
    }

    final List<String> knocking(String identity, InetAddress doorman, String... commandAndOptions) {
        List<String> arguments = new ArrayList<>(List.of(commandAndOptions));
        arguments.addAll(List.of("-s", IpLiteral.format(doorman), "--ca", pki("ca.crt")));
        arguments.addAll(List.of("--cert", pki(identity + ".crt"), "--key", pki(identity + ".key")));
        return arguments;
    }

    /** Sends these bytes by Python over TLS; see peer.py for what it writes. */
    final Finished python(Host host, String command, String... certificateAndKey) {
        List<String> words = new ArrayList<>(List.of("python3", "src/test/resources/peer.py"));
        words.addAll(List.of(IpLiteral.format(server4), "" + DOOR, SERVER_NAME, pki("ca.crt")));
        words.addAll(List.of(certificateAndKey));
        return host.runWithInput(command, words.toArray(String[]::new));
    }

    final Finished pythonAsAlice(String command) {
        return python(client, command, pki("alice.crt"), pki("alice.key"));
    }

    final String pki(String file) {
        return directory().resolve("pki").resolve(file).toString();
    }

    /** The least configuration, which guards {@link #SSH} and {@link #WEB}, and these lines. */
    final Path configuration(String... more) {
        String content = """
                services: { ssh: [2022/tcp], web: [2080/tcp, 2080/udp] }
                identity: { certificate: pki/doorman.example.crt, key: pki/doorman.example.key }
                clients: { ca: pki/ca.crt }
                """ + String.join("\n", more) + "\n";
        return write("config.yaml", content);
    }

    final Path write(String name, String content) {
        try {
            Path file = directory().resolve(name);
            Files.createDirectories(file.getParent());
            return Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs {@code openme serve} until it has started. */
    final DoormanProcess serve(Path configuration) {
        return serve("serve", "-c", configuration.toString());
    }

    /** Runs the program with these arguments until a doorman has started. */
    final DoormanProcess serve(String... arguments) {
        // Each its own, unless its configuration names one: what one test leaves is nothing to the next.
        Path state = directory().resolve("state-" + ++doormen);
        List<String> command = new ArrayList<>(List.of("env", "STATE_DIRECTORY=" + state, java(), "-jar", jar()));
        command.addAll(List.of(arguments));
        return serve(command);
    }

    /** Runs this command until a doorman has started. */
    final DoormanProcess serve(List<String> command) {
        DoormanProcess doorman = new DoormanProcess(server, getClass().getSimpleName(), command);
        doorman.awaitStarted();
        return doorman;
    }

    /** The addresses that the kernel's sets hold, of all services of the one doorman. */
    final Set<String> admitted() {
        return admitted("openme");
    }

    final Set<String> admitted(String owner) {
        String table =
                server.run("nft", "list", "table", "inet", owner).orThrow().output();
        assertThat(SET.matcher(table).results()).as(table).isNotEmpty();
        TreeSet<String> addresses = new TreeSet<>();
        SET.matcher(table)
                .results()
                .map(MatchResult::group)
                .forEach(set -> ADMITTED.matcher(set).results().forEach(element -> addresses.add(element.group(1))));
        return addresses;
    }

    /** Tries a guarded port of each protocol. */
    final void assertReaches(Host host, InetAddress to, Verdict expected) {
        assertThat(host.probe(Protocol.TCP, to, WEB)).as("TCP").isEqualTo(expected);
        assertThat(host.probe(Protocol.UDP, to, WEB)).as("UDP").isEqualTo(expected);
    }

    /** Counts the packets of which this rule of nft is true, before the guard and behind it. */
    final void count(String rule) {
        String chain = " { type filter hook prerouting priority %s; " + rule + " counter; }\n";
        nft("table inet count\ndelete table inet count\ntable inet count {\n"
                + "chain before" + chain.formatted("dstnat - 20")
                + "chain behind" + chain.formatted("dstnat - 5") + "}\n");
    }

    /** How many came to this chain: {@code before} or {@code behind}. */
    final long counted(String chain) {
        String listing = server.run("nft", "list", "chain", "inet", "count", chain)
                .orThrow()
                .output();
        Matcher matcher = Pattern.compile("counter packets (\\d+)").matcher(listing);
        assertThat(matcher.find()).as(listing).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    final void nft(String script) {
        server.runWithInput(script, "nft", "-f", "-").orThrow();
    }

    /** The program with the launcher's options for commands that end soon. */
    static List<String> program() {
        return List.of(java(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-jar", jar());
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    static String jar() {
        Path jar = Path.of("target", "openme.jar").toAbsolutePath();
        assertThat(jar).as("the program, which the build's package phase makes").exists();
        return jar.toString();
    }
}
