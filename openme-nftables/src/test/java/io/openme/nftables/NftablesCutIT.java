package io.openme.nftables;

import static io.openme.spi.Protocol.TCP;
import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.PortRange;
import io.openme.spi.Service;
import io.openme.spi.Service.Established;
import io.openme.testkit.Connection;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What cutting costs and withstands beyond the contract. */
@ExtendWith(TestNetworkExtension.class)
class NftablesCutIT extends NftablesFixture {
    private static final Service LIVE = new Service("live", List.of(PortRange.parse("2400-2410/tcp")), Established.CUT);
    private static final Service KEPT = Service.of("kept", "2405-2420/tcp");

    private final InetAddress to;
    private final InetAddress source;

    NftablesCutIT(TestNetwork network) {
        super(network);
        to = server.ipv4().get(0);
        source = client.ipv4().get(0);
    }

    @BeforeAll
    static void listen(TestNetwork network) {
        for (int port : new int[] {2400, 2405, 2415}) {
            network.server().echo(TCP, port);
        }
    }

    @Test
    void staysCutWhenConntrackForgetsTheConnectionAndTheServerStillSends() {
        staysCutThoughSomebodySends("output");
    }

    @Test
    void staysCutBehindAPublishedPortOfTheSameNumber() {
        other.echo(TCP, 2400);
        nft("table inet docker {"
                + " chain d { type nat hook prerouting priority dstnat; ip daddr 192.0.2.1 tcp dport 2400 dnat ip to 198.51.100.2; };"
                + " chain s { type nat hook postrouting priority srcnat; ip saddr 198.51.100.2 masquerade; }; }");

        staysCutThoughSomebodySends("forward");
    }

    private void staysCutThoughSomebodySends(String hook) {
        Firewall firewall = firewall(LIVE);
        firewall.install(List.of(open(source, "live")));
        Connection connection = client.connect(to, 2400);
        assertThat(connection.talk()).isEqualTo(OPEN);
        nft("table inet hold { chain c { type filter hook " + hook + " priority filter; tcp sport 2400 drop; }; }");
        assertThat(connection.talk()).isEqualTo(DROPPED); // and the server sends its answer again and again

        firewall.apply(List.of(close(source, "live")));
        // As it does by itself some minutes later.
        server.run("conntrack", "-F").orThrow();
        nft("delete table inet hold");

        long end = System.nanoTime() + Duration.ofSeconds(4).toNanos();
        while (System.nanoTime() < end) {
            assertThat(connection.talk()).isNotEqualTo(OPEN);
        }
    }

    @Test
    void goesOnAfterConntrackForgotAConnectionWithAnOpening() {
        Firewall firewall = firewall(LIVE);
        firewall.install(List.of(open(source, "live")));
        Connection connection = client.connect(to, 2400);
        server.run("conntrack", "-F").orThrow();

        assertThat(connection.talk()).isEqualTo(OPEN);
        firewall.apply(List.of(close(source, "live")));
        assertThat(connection.talk()).isEqualTo(DROPPED);
    }

    @Test
    void doesNotReviveByAnInstallWhatIsCut() {
        Firewall firewall = firewall(LIVE);
        firewall.install(List.of(open(source, "live")));
        Connection connection = client.connect(to, 2400);

        firewall.install(List.of());

        assertThat(connection.talk()).isEqualTo(DROPPED);
    }

    @Test
    void cutsOnAPortThatOneOfItsServicesCutsOnceNoneOfThemIsOpen() {
        Firewall firewall = firewall(KEPT, LIVE);
        firewall.install(List.of(open(source, "live"), open(source, "kept")));
        Connection shared = client.connect(to, 2405);
        Connection kept = client.connect(to, 2415);

        firewall.apply(List.of(close(source, "live")));
        assertThat(shared.talk()).isEqualTo(OPEN);
        firewall.apply(List.of(close(source, "kept")));
        assertThat(shared.talk()).isEqualTo(DROPPED);
        assertThat(kept.talk()).isEqualTo(OPEN);
    }

    private Firewall firewall(Service... services) {
        Map<String, String> options = context(Map.of(), OnClose.KEEP_GUARD).options();
        return new NftablesProvider()
                .open(new FirewallContext("openme", List.of(services), options, OnClose.KEEP_GUARD));
    }
}
