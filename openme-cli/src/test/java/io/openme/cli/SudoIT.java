package io.openme.cli;

import static io.openme.spi.Protocol.TCP;
import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.firewall.Firewalls;
import io.openme.spi.Availability;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.FirewallException;
import io.openme.spi.Opening;
import io.openme.spi.Service;
import io.openme.testkit.Host;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The backends as a user with no rights but what sudo gives. That user and the configuration of sudo are there for the
 * commands of these tests only: each mounts them for itself.
 */
@ExtendWith(TestNetworkExtension.class)
class SudoIT {
    private static final int PORT = 2022;
    private static final Service SSH = Service.of("ssh", PORT + "/tcp");

    private final Host server;
    private final Host client;
    private final InetAddress to;

    @TempDir
    Path directory;

    private Path sudoers = Path.of("");
    private String asOpenme = "";

    SudoIT(TestNetwork network) {
        server = network.server();
        client = network.client();
        to = server.ipv4().get(0);
    }

    @BeforeAll
    static void listen(TestNetwork network) {
        network.server().echo(TCP, PORT);
    }

    @BeforeEach
    void makeTheUser() throws IOException {
        sudoers = Files.createDirectory(directory.resolve("sudoers.d"));
        Path users = Files.writeString(
                directory.resolve("passwd"),
                Files.readString(Path.of("/etc/passwd")) + "openme:*:47110:47110::/nonexistent:/usr/sbin/nologin\n");
        Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-r--r--"));
        Path script = Files.writeString(directory.resolve("as-openme"), """
                #!/bin/sh
                # ip netns exec gives each command mounts of its own.
                mount --bind %s /etc/sudoers.d && mount --bind %s /etc/passwd || exit
                exec setpriv --reuid openme --regid 47110 --clear-groups "$@"
                """.formatted(sudoers, users));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        asOpenme = String.join(" ", server.prefix()) + " " + script;
    }

    @ParameterizedTest
    @ValueSource(strings = {"nftables", "iptables"})
    void needsNoMoreThanTheLineOfTheDocumentation(String backend) throws IOException {
        allow(documented(backend.equals("nftables") ? "/usr/sbin/nft" : "/usr/sbin/iptables-save"));

        assertThat(probe(backend, "sudo -n")).matches(Availability::usable);
        try (Firewall firewall = open(backend, "sudo -n")) {
            firewall.install(List.of());
            assertThat(client.probe(TCP, to, PORT)).isEqualTo(DROPPED);
            firewall.apply(List.of(new Change.Open(new Opening(client.ipv4().get(0), "ssh"), Duration.ofHours(1))));
            assertThat(client.probe(TCP, to, PORT)).isEqualTo(OPEN);
            assertThat(firewall.openings()).hasSize(1);
            assertThat(firewall.intact()).isTrue();
        }
        assertThat(client.probe(TCP, to, PORT)).isEqualTo(OPEN);
    }

    @Test
    void isToldWhatToDoWhereSudoRefuses() throws IOException {
        refuses("sudo -n", "sudo wants a password");

        allow("openme ALL = (root) NOPASSWD: /usr/bin/id");
        refuses("sudo -n", "sudo wants a password");

        allow("openme ALL = (root) every program");
        refuses("sudo -n", "sudo can't read a line");

        allow(documented("/usr/sbin/nft"));
        refuses("setpriv --no-new-privs sudo -n", "NoNewPrivileges=");
        refuses("", "there is no CAP_NET_ADMIN");
    }

    private void refuses(String prefix, String why) {
        Availability found = probe("nftables", prefix);
        assertThat(found.usable()).isFalse();
        assertThat(found.detail()).contains(why, "docs/privileges.md");

        assertThatThrownBy(() -> open("nftables", prefix).install(List.of()))
                .isInstanceOfSatisfying(
                        FirewallException.class,
                        e -> assertThat(e.reason()).isEqualTo(FirewallException.Reason.NOT_PERMITTED))
                .hasMessageContaining(why);
        assertThat(client.probe(TCP, to, PORT)).isEqualTo(OPEN);
    }

    private void allow(String line) throws IOException {
        Path file = sudoers.resolve("openme");
        Files.deleteIfExists(file);
        Files.writeString(file, line + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r-----"));
    }

    /** The line of the documentation that names this program. */
    private static String documented(String program) throws IOException {
        Matcher line = Pattern.compile("(?ms)^openme ALL = [^`]*?$(?<!\\\\)")
                .matcher(Files.readString(Path.of("..", "docs", "privileges.md")));
        while (line.find()) {
            if (line.group().contains(program)) {
                return line.group();
            }
        }
        throw new AssertionError("docs/privileges.md has no line for " + program);
    }

    private Availability probe(String backend, String prefix) {
        FirewallContext context = context(prefix);
        return Firewalls.onClassPath().providers().stream()
                .filter(provider -> provider.name().equals(backend))
                .findFirst()
                .orElseThrow()
                .probe(context);
    }

    private Firewall open(String backend, String prefix) {
        return Firewalls.onClassPath().open(backend, context(prefix));
    }

    private FirewallContext context(String prefix) {
        return new FirewallContext("openme", List.of(SSH), Map.of("command", asOpenme + " " + prefix), OnClose.REMOVE);
    }
}
