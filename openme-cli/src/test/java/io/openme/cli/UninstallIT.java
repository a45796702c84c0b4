package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.firewall.Firewalls;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.Service;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code openme uninstall} and the kernel's own firewall, in a namespace. */
@ExtendWith(TestNetworkExtension.class)
class UninstallIT {
    private final TestNetwork network;

    @TempDir
    private Path directory = Path.of("");

    UninstallIT(TestNetwork network) {
        this.network = network;
    }

    @BeforeEach
    void guardFor2Owners() {
        for (String owner : List.of("openme", "door-2")) {
            // Never closed, as one that was killed.
            Firewall left = Firewalls.onClassPath()
                    .open(
                            "nftables",
                            new FirewallContext(
                                    owner,
                                    List.of(Service.of("ssh", "22/tcp")),
                                    Map.of("command", prefix()),
                                    OnClose.KEEP_GUARD));
            left.install(List.of());
        }
        network.server().run("nft", "add", "table", "inet", "somebody").orThrow();
    }

    @Test
    void removesTheOwnersGuardAndNothingElse() throws IOException {
        Run run = Run.of(directory, "uninstall", "-c", configuration(), "--yes");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).containsPattern("nftables +nothing of door-2 is there any more");
        assertThat(tables())
                .contains("table inet somebody", "table inet openme")
                .hasSize(2);
    }

    @Test
    void asksFirst() throws IOException {
        Run refused = Run.answering(directory, List.of("n"), "uninstall", "-c", configuration());

        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("nothing was done, as the answer was not yes");
        assertThat(tables()).hasSize(3);

        Run agreed = Run.answering(directory, List.of("y"), "uninstall", "-c", configuration());

        assertThat(agreed.exitCode()).as(agreed.err()).isZero();
        assertThat(tables()).hasSize(2);
    }

    @Test
    void doesNothingWhereNobodyCanBeAsked() throws IOException {
        Run run = Run.of(directory, "uninstall", "-c", configuration());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("everything of owner door-2 is removed from nftables")
                .contains("there is no terminal")
                .contains("say --yes");
        assertThat(tables()).hasSize(3);
    }

    @Test
    void needsNoConfigurationAndMayRunTwice() {
        for (int i = 0; i < 2; i++) {
            openme("uninstall", "--yes", "--owner", "door-2");
            assertThat(tables())
                    .contains("table inet somebody", "table inet openme")
                    .hasSize(2);
        }
        openme("uninstall", "--yes", "--firewall", "nftables");
        assertThat(tables()).containsExactly("table inet somebody");
    }

    @Test
    void saysWhenSomethingMayBeLeft() throws IOException {
        Files.writeString(
                directory.resolve("config.yaml"),
                Files.readString(Path.of(configuration())).replace(prefix(), "ip netns exec openme-nowhere"));

        Run run = Run.of(
                directory, "uninstall", "-c", directory.resolve("config.yaml").toString(), "-y");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).containsPattern("nftables +FAILED: ");
        assertThat(run.err()).contains("something of door-2 may still be in nftables");
    }

    private String configuration() throws IOException {
        return Files.writeString(directory.resolve("config.yaml"), """
                        services: { ssh: [22/tcp] }
                        identity: { certificate: gone.crt, key: gone.key }
                        clients: { ca: gone.crt }
                        firewall: { backend: nftables, owner: door-2, options: { command: %s } }
                        """.formatted(prefix()))
                .toString();
    }

    private String prefix() {
        return String.join(" ", network.server().prefix());
    }

    private void openme(String... arguments) {
        network.server()
                .run(OpenmeJar.command(arguments).toArray(String[]::new))
                .orThrow();
    }

    private List<String> tables() {
        return Stream.of(network.server()
                        .run("nft", "list", "tables")
                        .orThrow()
                        .output()
                        .split("\n", -1))
                .filter(table -> !table.isEmpty())
                .toList();
    }
}
