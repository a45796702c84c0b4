package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code openme check} on a host with rules of its own, in a namespace. */
@ExtendWith(TestNetworkExtension.class)
class HostRulesIT {
    private final TestNetwork network;

    @TempDir
    private Path directory = Path.of("");

    HostRulesIT(TestNetwork network) {
        this.network = network;
    }

    @BeforeEach
    void writeCertificates() throws IOException {
        ServerFiles.write(directory);
    }

    @Test
    void checkNotesAChainOfIptablesThatDropsByItsPolicy() throws IOException {
        String prefix =
                String.join(" ", network.client().prefix()) + " env XTABLES_LOCKFILE=" + directory + "/xtables.lock";
        assertThat(check("iptables", prefix).out())
                .contains("Would be installed")
                .doesNotContain("Notes");

        network.client()
                .run(
                        "env",
                        "XTABLES_LOCKFILE=" + directory + "/xtables.lock",
                        "ip6tables-legacy",
                        "-P",
                        "INPUT",
                        "DROP")
                .orThrow();
        network.client().run("iptables-nft", "-P", "INPUT", "DROP").orThrow();

        assertThat(check("iptables", prefix).out())
                .contains("chain ip filter INPUT of this host drops")
                .contains("chain ip6tables-legacy filter INPUT of this host drops");
    }

    @Test
    void checkNotesAChainThatDropsByItsPolicy() throws IOException {
        String prefix = String.join(" ", network.server().prefix());
        assertThat(check("nftables", prefix).out())
                .contains("Would be installed")
                .doesNotContain("Notes");

        network.server().run("nft", "add table ip filter").orThrow();
        network.server()
                .run("nft", "add chain ip filter INPUT { type filter hook input priority 0; policy drop; }")
                .orThrow();

        assertThat(check("nftables", prefix).out()).contains("Notes\n  chain ip filter INPUT of this host drops");
        assertThat(check("nftables", prefix, "--json").out()).contains("\"notes\":[\"chain ip filter INPUT ");
        assertThat(check("nftables", prefix, "--dry-run").out()).doesNotContain("Notes");
    }

    private Run check(String backend, String prefix, String... more) throws IOException {
        Path file = Files.writeString(directory.resolve("config.yaml"), """
                        services: { ssh: [22/tcp] }
                        identity: { certificate: localhost.crt, key: localhost.key }
                        clients: { ca: ca.crt }
                        firewall: { backend: %s, options: { command: %s } }
                        """.formatted(backend, prefix));
        Run run = Run.of(
                directory,
                Stream.concat(Stream.of("check", "-c", file.toString()), Stream.of(more))
                        .toArray(String[]::new));
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run;
    }
}
