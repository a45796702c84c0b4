package io.openme.nftables;

import static io.openme.spi.Protocol.TCP;
import static io.openme.spi.Protocol.UDP;
import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.testkit.Connection;
import io.openme.testkit.Host;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What becomes of real packets. */
@ExtendWith(TestNetworkExtension.class)
class NftablesFirewallIT extends NftablesFixture {
    private final InetAddress server4;
    private final InetAddress server6;
    private final InetAddress client4;

    NftablesFirewallIT(TestNetwork network) {
        super(network);
        server4 = server.ipv4().get(0);
        server6 = server.ipv6().get(0);
        client4 = client.ipv4().get(0);
    }

    @BeforeAll
    static void listen(TestNetwork network) {
        network.server().echo(TCP, 2022);
        network.server().echo(UDP, 2080);
    }

    @Test
    void guardsMulticastAndBroadcast() throws Exception {
        List<InetAddress> groups =
                List.of(TestNetwork.MULTICAST, InetAddress.getByName("192.0.2.255"), InetAddress.getByName("ff02::1"));
        Firewall firewall = firewall();
        assertThat(groups)
                .allSatisfy(to -> assertThat(client.probe(UDP, to, 2080)).isEqualTo(OPEN));

        firewall.install(List.of());
        assertThat(groups)
                .allSatisfy(to -> assertThat(client.probe(UDP, to, 2080)).isEqualTo(DROPPED));

        firewall.apply(List.of(open(client4, "web")));
        assertThat(client.probe(UDP, client4, groups.get(0), 2080)).isEqualTo(OPEN);
        assertThat(client.probe(UDP, client4, groups.get(1), 2080)).isEqualTo(OPEN);
    }

    @Test
    void keepsAConnectionThatIsOlderThanTheGuardWhereConntrackWasIdle() {
        try (TestNetwork network = TestNetwork.create()) {
            Host fresh = network.server();
            fresh.echo(TCP, 2022);
            List<Connection> connections = Stream.of(server4, server6)
                    .map(to -> network.client().connect(to, 2022))
                    .toList();
            assertThat(fresh.run("cat", "/proc/sys/net/netfilter/nf_conntrack_count")
                            .output()
                            .strip())
                    .as("connections that the kernel tracks already")
                    .isEqualTo("0");

            new NftablesProvider()
                    .open(context(Map.of("command", String.join(" ", fresh.prefix())), OnClose.KEEP_GUARD))
                    .install(List.of());

            assertThat(connections)
                    .allSatisfy(connection -> assertThat(connection.talk()).isEqualTo(OPEN));
            assertThat(network.client().probe(TCP, server4, 2022)).isEqualTo(DROPPED);
            assertThat(network.client().probe(TCP, server6, 2022)).isEqualTo(DROPPED);
        }
    }

    @Test
    void letsNothingNewBeginFromThePortOfAnOlderConnection() {
        firewall().install(List.of());
        nft("add element inet openme earlier4 { 192.0.2.2 . 45678 . 2022 }");
        ports("45678 45678");
        try {
            assertThat(client.probe(TCP, server4, 2022)).isEqualTo(DROPPED);
        } finally {
            ports("32768 60999");
        }
    }

    /** The ports that the client may connect from. */
    private void ports(String range) {
        client.run("sh", "-c", "echo " + range + " > /proc/sys/net/ipv4/ip_local_port_range")
                .orThrow();
    }
}
