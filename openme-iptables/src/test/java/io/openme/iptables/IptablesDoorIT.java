package io.openme.iptables;

import static io.openme.spi.Protocol.TCP;
import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Capability;
import io.openme.spi.DoorLimit;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.Service;
import io.openme.testkit.Host;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The limit of new connections to the doorman's own port, beyond the contract. */
@ExtendWith(TestNetworkExtension.class)
class IptablesDoorIT {
    private static final int DOOR = 2310;
    private static final DoorLimit ONE = new DoorLimit(1, Duration.ofMinutes(1));

    private final TestNetwork network;
    private final Host client;
    private final InetAddress to;
    private final InetAddress first;
    private final InetAddress second;

    @TempDir
    private Path directory = Path.of("");

    IptablesDoorIT(TestNetwork network) {
        this.network = network;
        client = network.client();
        to = network.server().ipv4().get(0);
        first = client.ipv4().get(0);
        second = client.ipv4().get(1);
    }

    @BeforeAll
    static void listen(TestNetwork network) {
        network.server().echo(TCP, DOOR);
    }

    @BeforeEach
    @AfterEach
    void removeEveryFirewall() throws IOException {
        host(Plane.NFT).clear();
    }

    /** Its rule is there before that of the run before is gone, and the kernel knows their tables by name. */
    @ParameterizedTest
    @EnumSource(Plane.class)
    void limitsAsTheNextRunSays(Plane plane) throws IOException {
        limiting(firewall(host(plane), ""), ONE);
        assertThat(client.probe(TCP, first, to, DOOR)).isEqualTo(OPEN);
        assertThat(client.probe(TCP, first, to, DOOR)).isEqualTo(DROPPED);

        limiting(firewall(host(plane), ""), new DoorLimit(100, Duration.ofMinutes(1)));

        for (int i = 0; i < 3; i++) {
            assertThat(client.probe(TCP, first, to, DOOR)).isEqualTo(OPEN);
        }
    }

    /** hashlimit by itself does not. */
    @Test
    void servesWhomItHasNoRoomFor() throws IOException {
        String oneSource = "s/htable-size 16384/htable-size 1/;s/htable-max 262144/htable-max 1/";
        Firewall full = firewall(host(Plane.NFT), edited(oneSource));
        limiting(full, ONE);
        assertThat(client.probe(TCP, first, to, DOOR)).isEqualTo(OPEN);
        assertThat(client.probe(TCP, second, to, DOOR)).isEqualTo(DROPPED);
        full.uninstall();

        String oneLookup = ";s,above [0-9]*/second --hashlimit-burst [0-9]*,above 1/minute --hashlimit-burst 1,";
        limiting(firewall(host(Plane.NFT), edited(oneSource + oneLookup)), ONE);
        assertThat(client.probe(TCP, first, to, DOOR)).isEqualTo(OPEN);
        assertThat(client.probe(TCP, second, to, DOOR)).isEqualTo(OPEN);
    }

    @Test
    void noticesThatSomebodyTookTheLimitAway() throws IOException {
        IptablesHost host = host(Plane.NFT);
        Firewall firewall = firewall(host, "");
        limiting(firewall, ONE);
        assertThat(firewall.intact()).isTrue();

        host.sh("ip6tables -t mangle -F openme.door");

        assertThat(firewall.intact()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(Plane.class)
    void doesWithoutWhereThereIsNoHashlimit(Plane plane) throws IOException {
        IptablesHost host = host(plane);
        Path libraries = directory.resolve("libraries");
        host.sh("mkdir " + libraries + " && cp /usr/lib/*/xtables/*.so " + libraries + " && rm " + libraries
                + "/libxt_hashlimit.so");

        Firewall firewall = firewall(host, "env XTABLES_LIBDIR=" + libraries);

        assertThat(firewall.capabilities())
                .doesNotContain(Capability.DOOR_LIMIT)
                .contains(Capability.ENFORCING);
        firewall.install(List.of());
        assertThat(firewall.intact()).isTrue();
    }

    /** A command that changes what iptables-restore is told. */
    private String edited(String sed) throws IOException {
        return IptablesHost.script(directory.resolve("edited"), """
                        case $* in *tables*restore*) sed 'SED' | "$@" ;; *) exec "$@" ;; esac
                        """.replace("SED", sed))
                .toString();
    }

    private IptablesHost host(Plane plane) throws IOException {
        return new IptablesHost(network, directory, plane, true);
    }

    private static Firewall firewall(IptablesHost host, String command) {
        Map<String, String> options = new HashMap<>(host.options());
        options.put("command", host.prefix(command));
        return new IptablesProvider()
                .open(new FirewallContext(
                        "openme", List.of(Service.of("ssh", "2022/tcp")), options, OnClose.KEEP_GUARD));
    }

    private static void limiting(Firewall firewall, DoorLimit limit) {
        firewall.limitDoor(new TreeSet<>(Set.of(DOOR)), limit);
        firewall.install(List.of());
    }
}
