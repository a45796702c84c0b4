package io.openme.nftables;

import static io.openme.spi.Protocol.TCP;
import static io.openme.spi.Protocol.UDP;
import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openme.spi.Capability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.Opening;
import io.openme.spi.Protocol;
import io.openme.testkit.Connection;
import io.openme.testkit.Flood;
import io.openme.testkit.Host;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import io.openme.testkit.Verdict;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What becomes of real packets. */
@ExtendWith(TestNetworkExtension.class)
class NftablesFirewallIT extends NftablesFixture {
    private static final int UNGUARDED = 2300;

    private final InetAddress server4;
    private final InetAddress server6;
    private final InetAddress client4;
    private final InetAddress client6;

    NftablesFirewallIT(TestNetwork network) {
        super(network);
        server4 = server.ipv4().get(0);
        server6 = server.ipv6().get(0);
        client4 = client.ipv4().get(0);
        client6 = client.ipv6().get(0);
    }

    @BeforeAll
    static void listen(TestNetwork network) {
        for (int port : new int[] {2022, 2080, 2090, 2095, 2100, UNGUARDED}) {
            network.server().echo(TCP, port);
        }
        network.server().echo(UDP, 2080);
        network.server().echo(UDP, UNGUARDED);
    }

    @Test
    void closesGuardedPortsToEverybodyAndNothingElse() {
        Firewall firewall = firewall();

        firewall.install(List.of());

        for (InetAddress to : List.of(server4, server6)) {
            for (int port : new int[] {2022, 2080, 2095, 2100}) {
                assertThat(client.probe(TCP, to, port)).isEqualTo(DROPPED);
            }
            assertThat(client.probe(UDP, to, 2080)).isEqualTo(DROPPED);
            assertThat(other.probe(TCP, to, 2080)).isEqualTo(DROPPED);
            assertThat(client.probe(TCP, to, UNGUARDED)).isEqualTo(OPEN);
            assertThat(client.probe(UDP, to, UNGUARDED)).isEqualTo(OPEN);
            assertThat(client.probe(TCP, to, 2101)).isEqualTo(Verdict.REFUSED);
            assertThat(client.probe(UDP, to, 2022)).isEqualTo(Verdict.REFUSED);
        }
        assertThat(firewall.openings()).isEmpty();
        assertThat(firewall.capabilities()).containsExactlyInAnyOrder(Capability.values());
    }

    @Test
    void leavesTheServerItsOwnPorts() throws Exception {
        byte[] address = new byte[16];
        address[15] = 1;
        InetAddress loopback6 = InetAddress.getByAddress(address);
        firewall().install(List.of());

        for (InetAddress to : List.of(server4, server6, InetAddress.getLoopbackAddress(), loopback6)) {
            assertThat(server.probe(TCP, to, 2022)).isEqualTo(OPEN);
            assertThat(server.probe(UDP, to, 2080)).isEqualTo(OPEN);
        }
    }

    @Test
    void opensEveryPortOfAServiceToOneIpv4AddressOnly() {
        opensEveryPortOfAServiceToOneAddressOnly(client.ipv4(), other.ipv4(), server4, server6);
    }

    @Test
    void opensEveryPortOfAServiceToOneIpv6AddressOnly() {
        opensEveryPortOfAServiceToOneAddressOnly(client.ipv6(), other.ipv6(), server6, server4);
    }

    private void opensEveryPortOfAServiceToOneAddressOnly(
            List<InetAddress> ours, List<InetAddress> others, InetAddress to, InetAddress toOtherFamily) {
        Firewall firewall = firewall();
        firewall.install(List.of());

        firewall.apply(List.of(open(ours.get(0), "web")));

        for (int port : new int[] {2080, 2090, 2095}) {
            assertThat(client.probe(TCP, ours.get(0), to, port)).isEqualTo(OPEN);
            assertThat(client.probe(TCP, ours.get(1), to, port)).isEqualTo(DROPPED);
        }
        assertThat(client.probe(UDP, ours.get(0), to, 2080)).isEqualTo(OPEN);
        assertThat(client.probe(UDP, ours.get(1), to, 2080)).isEqualTo(DROPPED);
        assertThat(other.probe(TCP, others.get(0), to, 2080)).isEqualTo(DROPPED);
        assertThat(client.probe(TCP, toOtherFamily, 2080)).isEqualTo(DROPPED);
        assertThat(client.probe(TCP, ours.get(0), to, 2022)).isEqualTo(DROPPED);
        assertThat(client.probe(TCP, ours.get(0), to, 2100)).isEqualTo(DROPPED);
        assertThat(firewall.openings()).containsExactly(new Opening(ours.get(0), "web"));
    }

    @Test
    void closesWhatItOpened() {
        Firewall firewall = firewall();
        firewall.install(List.of(open(client4, "ssh"), open(client6, "ssh")));
        assertThat(client.probe(TCP, server4, 2022)).isEqualTo(OPEN);

        firewall.apply(List.of(close(client4, "ssh")));
        assertThat(client.probe(TCP, server4, 2022)).isEqualTo(DROPPED);
        assertThat(client.probe(TCP, server6, 2022)).isEqualTo(OPEN);

        firewall.apply(List.of(close(client4, "ssh"), close(client6, "ssh"), close(server4, "web")));
        assertThat(firewall.openings()).isEmpty();
    }

    @Test
    void keepsASharedPortOpenWhileOneOfItsServicesIs() {
        Firewall firewall = firewall();
        firewall.install(List.of(open(client4, "web"), open(client4, "admin")));

        firewall.apply(List.of(close(client4, "web")));
        assertThat(client.probe(TCP, server4, 2090)).isEqualTo(DROPPED);
        assertThat(client.probe(TCP, server4, 2095)).isEqualTo(OPEN);

        firewall.apply(List.of(close(client4, "admin")));
        assertThat(client.probe(TCP, server4, 2095)).isEqualTo(DROPPED);
    }

    @Test
    void obeysTheLastOfSeveralChangesToOneOpening() {
        Firewall firewall = firewall();
        firewall.install(List.of());

        firewall.apply(List.of(
                open(client4, "ssh"),
                close(client4, "ssh"),
                open(client4, "ssh"),
                open(client6, "ssh"),
                close(client6, "ssh")));

        assertThat(firewall.openings()).containsExactly(new Opening(client4, "ssh"));
    }

    @Test
    void guardsPublishedPortsOfContainers() {
        other.echo(TCP, 3080);
        other.echo(UDP, 3080);
        nft("add table inet nat; add chain inet nat p { type nat hook prerouting priority dstnat; }");
        nft(
                "add rule inet nat p meta nfproto ipv4 meta l4proto { tcp, udp } th dport 2080 dnat ip to 198.51.100.2:3080;"
                        + "add rule inet nat p meta nfproto ipv6 meta l4proto { tcp, udp } th dport 2080 dnat ip6 to [2001:db8:2::2]:3080");
        Firewall firewall = firewall();
        firewall.install(List.of());
        eachWayToPort2080(
                (protocol, to) -> assertThat(client.probe(protocol, to, 2080)).isEqualTo(DROPPED));

        firewall.apply(List.of(open(client4, "web"), open(client6, "web")));
        eachWayToPort2080(
                (protocol, to) -> assertThat(client.probe(protocol, to, 2080)).isEqualTo(OPEN));
        assertThat(client.probe(TCP, client.ipv4().get(1), server4, 2080)).isEqualTo(DROPPED);
    }

    private interface Way {
        void go(Protocol protocol, InetAddress to);
    }

    private void eachWayToPort2080(Way way) {
        for (Protocol protocol : Protocol.values()) {
            way.go(protocol, server4);
            way.go(protocol, server6);
        }
    }

    @Test
    void letsTrafficToOtherHostsPass() {
        other.echo(TCP, 2022);
        other.echo(UDP, 2080);
        firewall().install(List.of());

        for (InetAddress to : List.of(other.ipv4().get(0), other.ipv6().get(0))) {
            assertThat(client.probe(TCP, to, 2022)).isEqualTo(OPEN);
            assertThat(client.probe(UDP, to, 2080)).isEqualTo(OPEN);
        }
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
    void expiresInTheKernelWithNoProcessAlive() {
        Duration lifetime = Duration.ofSeconds(2);
        Firewall firewall = firewall();
        firewall.install(List.of());
        firewall.apply(List.of(open(client4, "ssh", lifetime), open(client6, "ssh", lifetime)));
        long committed = System.nanoTime();

        for (InetAddress to : List.of(server4, server6)) {
            assertThat(client.probe(TCP, to, 2022)).isEqualTo(OPEN);
        }
        Duration age = Duration.ZERO;
        while (age.compareTo(lifetime) <= 0) {
            age = Duration.ofNanos(System.nanoTime() - committed);
            if (client.probe(TCP, server4, 2022) == OPEN) {
                assertThat(age).isLessThanOrEqualTo(lifetime);
            }
        }

        assertThat(client.probe(TCP, server6, 2022)).isEqualTo(DROPPED);
        assertThat(firewall.openings()).isEmpty();
    }

    @Test
    void renewsWithoutLosingAPacket() {
        Duration lifetime = Duration.ofSeconds(2);
        Firewall firewall = firewall();
        firewall.install(List.of(open(client4, "ssh", lifetime)));

        // Far beyond the first lifetime, each time with the same one: the case that a kernel is prone to ignore.
        long end = System.nanoTime() + lifetime.multipliedBy(2).toNanos();
        losesNoPacketWhile(() -> {
            while (System.nanoTime() < end) {
                firewall.apply(List.of(open(client4, "ssh", lifetime)));
            }
        });
    }

    @Test
    void installsAnewWithoutLosingAPacketOfWhatStaysOpen() {
        Firewall firewall = firewall();
        firewall.install(List.of(open(client4, "ssh")));

        losesNoPacketWhile(() -> {
            for (int i = 0; i < 50; i++) {
                firewall.install(List.of(open(client4, "ssh")));
            }
        });
    }

    /** Counts the first packets of connections before and behind the guard, since a timeout can have other causes. */
    private void losesNoPacketWhile(Runnable changes) {
        String rule = "tcp dport 2022 tcp flags & (syn | ack) == syn counter; }";
        nft("table inet count {\n"
                + "chain before { type filter hook prerouting priority dstnat - 20; " + rule + "\n"
                + "chain behind { type filter hook prerouting priority dstnat - 5; " + rule + "\n}");
        Flood flood = client.flood(server4, 2022);

        changes.run();

        assertThat(flood.end().attempts()).isGreaterThan(100);
        assertThat(counted("behind")).isEqualTo(counted("before")).isGreaterThan(100);
    }

    private int counted(String chain) {
        String listing = server.run("nft", "list", "chain", "inet", "count", chain)
                .orThrow()
                .output();
        Matcher matcher = Pattern.compile("counter packets (\\d+)").matcher(listing);
        assertThat(matcher.find()).as(listing).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    @Test
    void shortensALifetime() {
        Firewall firewall = firewall();
        firewall.install(List.of(open(client4, "ssh"), open(client4, "web")));

        firewall.apply(List.of(open(client4, "ssh", Duration.ofMillis(50)), open(client4, "web", Duration.ofNanos(1))));

        assertThat(firewall.openings()).doesNotContain(new Opening(client4, "web"));
        await().untilAsserted(() -> assertThat(firewall.openings()).isEmpty());
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

    @Test
    void keepsAConnectionWhenItsOpeningIsClosed() {
        Firewall firewall = firewall();
        firewall.install(List.of(open(client4, "ssh")));
        Connection connection = client.connect(server4, 2022);

        firewall.apply(List.of(close(client4, "ssh")));

        assertThat(connection.talk()).isEqualTo(OPEN);
        assertThat(client.probe(TCP, server4, 2022)).isEqualTo(DROPPED);
    }
}
