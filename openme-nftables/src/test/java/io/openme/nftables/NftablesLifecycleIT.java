package io.openme.nftables;

import static io.openme.spi.Protocol.TCP;
import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.spi.Capability;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.FirewallProvider;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What it finds on the host, and what it leaves there. */
@ExtendWith(TestNetworkExtension.class)
class NftablesLifecycleIT extends NftablesFixture {
    private static final String FOREIGN = """
            table inet foreign {
            \tset ssh-ipv4 {
            \t\ttype ipv4_addr
            \t\telements = { 203.0.113.7 }
            \t}
            }
            """;

    private final InetAddress to;
    private final InetAddress first;
    private final InetAddress second;

    NftablesLifecycleIT(TestNetwork network) {
        super(network);
        to = server.ipv4().get(0);
        first = client.ipv4().get(0);
        second = client.ipv4().get(1);
    }

    @BeforeAll
    static void listen(TestNetwork network) {
        network.server().echo(TCP, 2022);
    }

    @Test
    void isFoundAsAService() {
        assertThat(ServiceLoader.load(FirewallProvider.class).stream().map(ServiceLoader.Provider::type))
                .containsExactly(NftablesProvider.class);
    }

    @Test
    void canBeClosedAgainAndUsedNoMore() {
        Firewall firewall = firewall();
        firewall.install(List.of());
        firewall.close();
        removeEveryFirewall();

        firewall.close();

        assertThat(ruleset()).isEmpty();
        assertThatThrownBy(() -> firewall.install(List.of())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> firewall.apply(List.of(open(first, "ssh")))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void saysWhichNftItFoundAndWhatItCanDo() {
        assertThat(new NftablesProvider()
                        .probe(context(Map.of(), OnClose.KEEP_GUARD))
                        .detail())
                .startsWith("nftables v");
        assertThat(firewall().capabilities()).containsExactlyInAnyOrder(Capability.values());
    }

    @Test
    void neverTouchesForeignTables() {
        nft(FOREIGN);
        Firewall firewall = new NftablesProvider().open(context(Map.of(), OnClose.REMOVE));

        firewall.install(List.of(open(first, "ssh")));
        firewall.apply(List.of(open(first, "ssh"), close(second, "ssh")));
        firewall.install(List.of());
        assertThat(server.run("nft", "list", "table", "inet", "foreign").output())
                .isEqualTo(FOREIGN);
        firewall.close();

        assertThat(ruleset()).isEqualTo(FOREIGN);
    }

    @Test
    void sharesTheHostWithAnotherOwner() {
        Firewall ours = firewall();
        FirewallContext context = context(Map.of(), OnClose.REMOVE);
        Firewall theirs = new NftablesProvider()
                .open(new FirewallContext("other-door", context.services(), context.options(), OnClose.REMOVE));
        ours.install(List.of(open(first, "ssh")));
        theirs.install(List.of(open(second, "ssh")));

        // Each guards the port for itself, so that both have to agree.
        assertThat(client.probe(TCP, first, to, 2022)).isEqualTo(DROPPED);

        theirs.close();
        assertThat(client.probe(TCP, first, to, 2022)).isEqualTo(OPEN);
        assertThat(client.probe(TCP, second, to, 2022)).isEqualTo(DROPPED);
    }

    @Test
    void takesAwayWhatStoodInForTheGuardWhenItWasKilled() {
        nft(
                "table inet openme_stand-in { chain guard { type filter hook prerouting priority dstnat - 10; policy drop; }; }");
        Firewall firewall = firewall();

        firewall.install(List.of(open(first, "ssh")));

        assertThat(server.run("nft", "list", "tables").output()).doesNotContain("stand-in");
        assertThat(client.probe(TCP, first, to, 2022)).isEqualTo(OPEN);
    }

    @Test
    void leavesNothingInTheGuardsPlaceWhetherItIsReplacedOrNot() {
        Firewall firewall = firewall();
        firewall.install(List.of(open(first, "ssh")));
        firewall.install(List.of(open(second, "ssh")));
        assertThat(server.run("nft", "list", "tables").output()).doesNotContain("stand-in");

        firewall.uninstall();
        assertThat(ruleset()).isEmpty();
    }
}
