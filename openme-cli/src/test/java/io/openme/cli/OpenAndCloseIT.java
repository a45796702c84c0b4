package io.openme.cli;

import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.protocol.IpLiteral;
import io.openme.spi.Protocol;
import io.openme.testkit.Connection;
import io.openme.testkit.Finished;
import io.openme.testkit.Host;
import io.openme.testkit.TestNetwork;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A knock, and what it opens to whom. */
class OpenAndCloseIT extends EndToEnd {
    OpenAndCloseIT(TestNetwork network) {
        super(network);
    }

    @BeforeAll
    void start() {
        serve(configuration());
    }

    @ParameterizedTest
    @ValueSource(strings = {"IPv4", "IPv6"})
    void opensToTheAddressThatKnocksAndToNobodyElse(String family) {
        Function<Host, List<InetAddress>> addresses = family.equals("IPv4") ? Host::ipv4 : Host::ipv6;
        InetAddress to = addresses.apply(server).get(0);
        InetAddress knocking = addresses.apply(client).get(0);
        assertReaches(client, to, DROPPED);

        assertDone(knock(client, to, "open"));

        assertReaches(client, to, OPEN);
        assertThat(client.probe(Protocol.TCP, to, SSH)).isEqualTo(OPEN);
        assertThat(client.probe(Protocol.TCP, addresses.apply(client).get(1), to, WEB))
                .as("another address of the same host")
                .isEqualTo(DROPPED);
        assertReaches(other, to, DROPPED);
        assertThat(admitted()).containsExactly(IpLiteral.format(knocking));

        assertDone(knock(client, to, "close"));

        assertReaches(client, to, DROPPED);
        assertThat(admitted()).isEmpty();
    }

    @Test
    void opensToAGuest() {
        InetAddress guest = other.ipv4().get(0);

        assertDone(knock(client, server4, "open", IpLiteral.format(guest)));

        assertReaches(other, server4, OPEN);
        assertThat(client.probe(Protocol.TCP, server4, WEB))
                .as("the host's own")
                .isEqualTo(DROPPED);
        assertThat(admitted()).containsExactly(IpLiteral.format(guest));

        assertDone(knock(client, server4, "close", IpLiteral.format(guest)));

        assertThat(other.probe(Protocol.TCP, server4, WEB)).isEqualTo(DROPPED);
    }

    @Test
    void opensThePublishedPortOfAContainer() {
        other.echo(Protocol.TCP, 3080);
        nft("""
                table inet containers {
                  chain publish {
                    type nat hook prerouting priority dstnat;
                    ip daddr 192.0.2.1 tcp dport 2080 dnat ip to 198.51.100.2:3080
                  }
                  chain published {
                    type filter hook forward priority filter;
                    ip daddr 198.51.100.2 tcp dport 3080 counter
                  }
                }
                """);
        assertThat(client.probe(Protocol.TCP, server4, WEB)).isEqualTo(DROPPED);

        assertDone(knock(client, server4, "open"));

        assertThat(client.probe(Protocol.TCP, server4, WEB)).isEqualTo(OPEN);
        assertThat(server.run("nft", "list", "chain", "inet", "containers", "published")
                        .orThrow()
                        .output())
                .as("it was the container that answered")
                .doesNotContain("packets 0 ");
        nft("delete table inet containers");
        assertDone(knock(client, server4, "close"));
    }

    @Test
    void leavesAnEstablishedConnectionAloneWhenItCloses() {
        assertDone(knock(client, server4, "open"));
        Connection session = client.connect(server4, SSH);

        assertDone(knock(client, server4, "close"));

        assertThat(client.probe(Protocol.TCP, server4, SSH)).isEqualTo(DROPPED);
        assertThat(session.talk()).isEqualTo(OPEN);
    }

    private static void assertDone(Finished knock) {
        assertThat(knock.exitCode()).as(knock.output()).isEqualTo(ExitCode.OK);
        assertThat(knock.output()).startsWith("OK");
    }
}
