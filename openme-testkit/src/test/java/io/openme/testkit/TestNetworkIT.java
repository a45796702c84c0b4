package io.openme.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Protocol;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(TestNetworkExtension.class)
class TestNetworkIT {
    private final Host server;
    private final Host client;
    private final Host other;

    TestNetworkIT(TestNetwork network) {
        server = network.server();
        client = network.client();
        other = network.other();
    }

    @AfterEach
    void removeTheFirewall() {
        server.run("nft", "flush", "ruleset").orThrow();
    }

    @ParameterizedTest
    @EnumSource
    void tellsOpenFromRefusedFromDropped(Protocol protocol) {
        server.echo(protocol, 1001);
        drop(protocol, 1003);

        for (InetAddress address :
                Stream.concat(server.ipv4().stream(), server.ipv6().stream()).toList()) {
            for (Host host : new Host[] {client, other}) {
                assertThat(host.probe(protocol, address, 1001)).isEqualTo(Verdict.OPEN);
                assertThat(host.probe(protocol, address, 1002)).isEqualTo(Verdict.REFUSED);
                assertThat(host.probe(protocol, address, 1003)).isEqualTo(Verdict.DROPPED);
            }
        }
    }

    @Test
    void sendsFromTheAddressThatItIsTold() {
        server.echo(Protocol.TCP, 1011);
        server.runWithInput(
                        "add table inet t; add chain inet t c { type filter hook prerouting priority 0; };"
                                + " add rule inet t c ip saddr 192.0.2.3 drop; add rule inet t c ip6 saddr 2001:db8:1::3 drop",
                        "nft",
                        "-f",
                        "-")
                .orThrow();

        for (int i = 0; i < 2; i++) {
            Verdict expected = i == 0 ? Verdict.OPEN : Verdict.DROPPED;
            assertThat(client.probe(
                            Protocol.TCP, client.ipv4().get(i), server.ipv4().get(0), 1011))
                    .isEqualTo(expected);
            assertThat(client.probe(
                            Protocol.TCP, client.ipv6().get(i), server.ipv6().get(0), 1011))
                    .isEqualTo(expected);
        }
    }

    @Test
    void forwardsBetweenTheClientAndTheOther() {
        other.echo(Protocol.TCP, 1021);

        assertThat(client.probe(Protocol.TCP, other.ipv4().get(0), 1021)).isEqualTo(Verdict.OPEN);
        assertThat(client.probe(Protocol.TCP, other.ipv6().get(0), 1021)).isEqualTo(Verdict.OPEN);
    }

    @Test
    void noticesThatAConnectionIsCut() {
        server.echo(Protocol.TCP, 1031);
        Connection connection = client.connect(server.ipv4().get(0), 1031);

        assertThat(connection.talk()).isEqualTo(Verdict.OPEN);
        drop(Protocol.TCP, 1031);
        assertThat(connection.talk()).isEqualTo(Verdict.DROPPED);
    }

    @Test
    void countsTheConnectionsOfAFloodThatLostAPacket() {
        server.echo(Protocol.TCP, 1041);
        Flood undisturbed = client.flood(server.ipv4().get(0), 1041);
        client.run("true").orThrow();
        assertThat(undisturbed.end()).satisfies(counts -> {
            assertThat(counts.attempts()).isPositive();
            assertThat(counts.failures()).isZero();
        });

        drop(Protocol.TCP, 1041);
        assertThat(client.flood(server.ipv4().get(0), 1041).end().failures()).isEqualTo(1);
    }

    @Test
    void startsAndKillsAProgram() throws Exception {
        Process process = server.start("sleep", "600");

        assertThat(process.info().command())
                .hasValueSatisfying(command -> assertThat(command).doesNotContain("/sh"));
        process.destroyForcibly();
        assertThat(process.waitFor()).isEqualTo(137);
    }

    @Test
    void leavesNothingBehind() {
        String namespace;
        Process process;
        try (TestNetwork network = TestNetwork.create()) {
            process = network.client().start("sleep", "600");
            namespace = network.client().prefix().get(3);
            assertThat(namespaces()).contains(namespace);
        }

        assertThat(process.isAlive()).isFalse();
        assertThat(namespaces()).doesNotContain(namespace);
    }

    private static String namespaces() {
        return Finished.run(List.of("ip", "netns", "list"), "").orThrow().output();
    }

    private void drop(Protocol protocol, int port) {
        server.runWithInput(
                        "add table inet t; add chain inet t c { type filter hook prerouting priority 0; };"
                                + " add rule inet t c " + protocol + " dport " + port + " drop",
                        "nft",
                        "-f",
                        "-")
                .orThrow();
    }
}
