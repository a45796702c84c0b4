package io.openme.nftables;

import static io.openme.spi.Protocol.TCP;
import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.FirewallProvider;
import io.openme.spi.Opening;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

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
    void replacesWhatACrashedRunLeft() {
        firewall().install(List.of(open(first, "ssh")));
        Firewall next = firewall();
        assertThat(next.openings()).containsExactly(new Opening(first, "ssh"));

        next.install(List.of(open(second, "ssh")));

        assertThat(client.probe(TCP, first, to, 2022)).isEqualTo(DROPPED);
        assertThat(client.probe(TCP, second, to, 2022)).isEqualTo(OPEN);
    }

    @Test
    void keepsTheGuardWhenClosed() {
        Firewall firewall = firewall();
        firewall.install(List.of(open(first, "ssh")));

        firewall.close();

        assertThat(client.probe(TCP, to, 2022)).isEqualTo(DROPPED);
        assertThat(firewall().openings()).isEmpty();
    }

    @Test
    void removesEverythingOfItsOwnWhenClosedIfToldTo() {
        nft(FOREIGN);
        Firewall firewall = new NftablesProvider().open(context(Map.of(), OnClose.REMOVE));
        firewall.install(List.of(open(first, "ssh")));

        firewall.close();

        assertThat(ruleset()).isEqualTo(FOREIGN);
        assertThat(client.probe(TCP, second, to, 2022)).isEqualTo(OPEN);
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
    void leavesTheHostAloneUntilItIsInstalled() {
        Firewall firewall = firewall();

        assertThat(new NftablesProvider().probe(context(Map.of(), OnClose.KEEP_GUARD)))
                .satisfies(found -> {
                    assertThat(found.usable()).as(found.detail()).isTrue();
                    assertThat(found.detail()).startsWith("nftables v");
                });
        firewall.preview(List.of(open(first, "ssh")));
        firewall.close();

        assertThat(ruleset()).isEmpty();
    }

    @Test
    void neverTouchesForeignTables() {
        nft(FOREIGN);
        Firewall firewall = firewall();

        firewall.install(List.of(open(first, "ssh")));
        firewall.apply(List.of(open(first, "ssh"), close(second, "ssh")));
        firewall.install(List.of());
        firewall.close();

        assertThat(server.run("nft", "list", "table", "inet", "foreign").output())
                .isEqualTo(FOREIGN);
    }

    @Test
    void sharesTheHostWithAnotherOwner() {
        Firewall ours = firewall();
        FirewallContext context = context(Map.of(), OnClose.REMOVE);
        Firewall theirs = new NftablesProvider()
                .open(new FirewallContext("other-door", context.services(), context.options(), OnClose.REMOVE));
        ours.install(List.of(open(first, "ssh")));
        theirs.install(List.of(open(second, "ssh")));

        assertThat(ours.openings()).containsExactly(new Opening(first, "ssh"));
        assertThat(theirs.openings()).containsExactly(new Opening(second, "ssh"));
        // Each guards the port for itself, so that both have to agree.
        assertThat(client.probe(TCP, first, to, 2022)).isEqualTo(DROPPED);

        theirs.close();
        assertThat(client.probe(TCP, first, to, 2022)).isEqualTo(OPEN);
        assertThat(client.probe(TCP, second, to, 2022)).isEqualTo(DROPPED);
    }

    @Test
    void previewsTheVeryInputOfNft(@TempDir Path directory) throws IOException {
        Path input = directory.resolve("input");
        Path spy = Files.writeString(
                directory.resolve("spy"),
                "#!/bin/sh\n[ \"$1\" = -f ] || exec nft \"$@\"\ntee " + input + " | exec nft \"$@\"\n");
        assertThat(spy.toFile().setExecutable(true)).isTrue();
        Firewall firewall = firewall(Map.of("nft", spy.toString()));

        String preview =
                firewall.preview(List.of(open(first, "ssh"), open(client.ipv6().get(0), "web")));
        firewall.install(List.of(open(first, "ssh"), open(client.ipv6().get(0), "web")));

        assertThat(preview).isEqualTo(Files.readString(input)).contains(first.getHostAddress());
    }

    @Test
    void previewsWithoutPermission() {
        FirewallContext context = new FirewallContext(
                "openme", SERVICES, Map.of("command", "setpriv --bounding-set -all --inh-caps -all"), OnClose.REMOVE);

        assertThat(new NftablesProvider().open(context).preview(List.of())).contains("table inet openme {");
    }
}
