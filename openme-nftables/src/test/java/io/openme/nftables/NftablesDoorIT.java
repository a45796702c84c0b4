package io.openme.nftables;

import static io.openme.spi.Protocol.TCP;
import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Capability;
import io.openme.spi.DoorLimit;
import io.openme.spi.Firewall;
import io.openme.testkit.Connection;
import io.openme.testkit.Flood;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.TestNetworkExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The limit of new connections to the doorman's own port, beyond the contract. */
@ExtendWith(TestNetworkExtension.class)
class NftablesDoorIT extends NftablesFixture {
    private static final int DOOR = 2310;
    private static final int OTHER = 2311;
    private static final DoorLimit ONE = new DoorLimit(1, Duration.ofMinutes(1));

    /** {@code tcp      6 119 ESTABLISHED src=...}. */
    private static final Pattern SECONDS = Pattern.compile("(?m)^tcp +6 (\\d+) ");

    private final TestNetwork network;
    private final InetAddress to;
    private final InetAddress first;
    private final InetAddress second;

    NftablesDoorIT(TestNetwork network) {
        super(network);
        this.network = network;
        to = server.ipv4().get(0);
        first = client.ipv4().get(0);
        second = client.ipv4().get(1);
    }

    @BeforeAll
    static void listen(TestNetwork network) {
        network.server().echo(TCP, DOOR);
        network.server().echo(TCP, OTHER);
    }

    @Test
    void servesWhomItHasNoRoomFor(@TempDir Path directory) throws IOException {
        limiting(firewall(new NftablesHost(network, directory, "s/size 65536/size 1/").options()), ONE);
        assertThat(client.probe(TCP, first, to, DOOR)).isEqualTo(OPEN);

        for (int i = 0; i < 3; i++) {
            assertThat(client.probe(TCP, second, to, DOOR)).isEqualTo(OPEN);
        }
        assertThat(client.probe(TCP, first, to, DOOR)).isEqualTo(DROPPED);
    }

    /** The table of conntrack is the whole host's, and would be full of connections that ended long ago. */
    @Test
    void letsConntrackForgetConnectionsToTheDoormanSoon() {
        limiting(firewall(), new DoorLimit(DoorLimit.MOST, Duration.ofSeconds(1)));
        // Ended ones are taken out now and then only, or for want of room.
        server.run("conntrack", "-F").orThrow();
        List<InetAddress> tos = List.of(to, server.ipv6().get(0));

        List<Connection> doors =
                tos.stream().map(each -> client.connect(each, DOOR)).toList();
        List<Connection> others =
                tos.stream().map(each -> client.connect(each, OTHER)).toList();

        assertThat(secondsRemembered(DOOR)).hasSize(2).allMatch(seconds -> seconds <= 120);
        assertThat(secondsRemembered(OTHER)).hasSize(2).allMatch(seconds -> seconds > 120);
        doors.forEach(Connection::close);
        others.forEach(Connection::close);
    }

    @Test
    void limitsWhereTheKernelCanNotBeToldWhatToRemember(@TempDir Path directory) throws IOException {
        NftablesHost host =
                new NftablesHost(network, directory, "/ct timeout/s/policy/no-policy/;s/ct timeout/no timeout/");

        limiting(firewall(host.options()), ONE);

        assertThat(client.probe(TCP, first, to, DOOR)).isEqualTo(OPEN);
        assertThat(client.probe(TCP, first, to, DOOR)).isEqualTo(DROPPED);
    }

    @Test
    void staysReachableWhileTheGuardIsReplaced() {
        Firewall firewall = firewall();
        limiting(firewall, new DoorLimit(DoorLimit.MOST, Duration.ofSeconds(1)));

        Flood flood = client.flood(first, to, DOOR);
        for (int i = 0; i < 10; i++) {
            firewall.install(List.of());
        }

        assertThat(flood.end().failures()).isZero();
    }

    @Test
    void noticesThatSomebodyTookTheLimitAway() {
        Firewall firewall = firewall();
        limiting(firewall, ONE);
        assertThat(firewall.intact()).isTrue();

        nft("flush chain inet openme door");

        assertThat(firewall.intact()).isFalse();
    }

    @Test
    void doesWithoutWhereTheKernelHasNoLimits(@TempDir Path directory) throws IOException {
        Path nft = Files.writeString(directory.resolve("nft-without-limits"), """
                #!/bin/sh
                case "$*" in *'-f -') cat > DIR/input
                    ! grep -q 'limit rate' DIR/input || {
                        echo '/dev/stdin:21:5-85: Error: Could not process rule: No such file or directory' >&2; exit 1; }
                    exec nft "$@" < DIR/input ;;
                esac
                exec nft "$@"
                """.replace("DIR", directory.toString()));
        assertThat(nft.toFile().setExecutable(true)).isTrue();

        Firewall firewall = firewall(Map.of("nft", nft.toString()));

        assertThat(firewall.capabilities())
                .doesNotContain(Capability.DOOR_LIMIT)
                .contains(Capability.ENFORCING);
        firewall.install(List.of());
        assertThat(firewall.intact()).isTrue();
    }

    /** For how much longer each connection to this port is remembered. */
    private List<Long> secondsRemembered(int port) {
        return Stream.of("ipv4", "ipv6")
                .map(family -> server.run(
                                "conntrack", "-L", "-f", family, "-p", "tcp", "--dport", Integer.toString(port))
                        .orThrow()
                        .output())
                .flatMap(listing -> SECONDS.matcher(listing).results())
                .map(result -> Long.parseLong(result.group(1)))
                .toList();
    }

    private static void limiting(Firewall firewall, DoorLimit limit) {
        firewall.limitDoor(new TreeSet<>(Set.of(DOOR)), limit);
        firewall.install(List.of());
    }
}
