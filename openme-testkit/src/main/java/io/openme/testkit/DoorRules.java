package io.openme.testkit;

import static io.openme.spi.Protocol.TCP;
import static io.openme.testkit.PacketPath.DOOR;
import static io.openme.testkit.PacketPath.RESETTING;
import static io.openme.testkit.PacketPath.UNGUARDED;
import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static io.openme.testkit.Verdict.REFUSED;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Capability;
import io.openme.spi.DoorLimit;
import io.openme.spi.Firewall;
import io.openme.testkit.Host.Probe;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Chapter 10: how many new connections a source may make to the doorman itself (DOOR_LIMIT). */
abstract class DoorRules extends PacketRules {
    /** Another connection only after 15 seconds, which no rule takes. */
    private static final DoorLimit FEW = new DoorLimit(4, Duration.ofMinutes(1));

    private static final DoorLimit ONE = new DoorLimit(1, Duration.ofMinutes(1));
    private static final DoorLimit ONE_A_SECOND = new DoorLimit(1, Duration.ofSeconds(1));
    private static final int LOCAL_PORT = 4999;
    private static final int NETWORKS = 2 * DoorLimit.WIDER;

    @Test
    @DisplayName("§10.1 drops new connections of a source that is over the limit, and of no other (DOOR_LIMIT)")
    void limitsEachSource() {
        PacketPath path = path();
        Firewall firewall = limiting(FEW);

        assertThat(exhaust(path, 2 * FEW.connections()))
                .as("connections of two sources that passed")
                .isBetween(FEW.connections(), 2 * FEW.connections());

        Packets packets = new Packets(path.client);
        packets.from(source(0)).to(path.server(true)).are(DROPPED, TCP, DOOR);
        packets.from(source(1)).are(OPEN, TCP, DOOR);
        packets.from(source(2)).to(path.server(false)).are(DROPPED, TCP, DOOR);
        packets.from(source(3)).are(DROPPED, TCP, DOOR); // of the same /64
        packets.check();
        othersAreServed(path);
        assertThat(firewall.intact()).isTrue();
        assertThat(firewall.openings()).isEmpty();
    }

    @Test
    @DisplayName("§10.2 lets a source that was over the limit in again with time (DOOR_LIMIT)")
    void forgives() {
        PacketPath path = path();
        limiting(ONE_A_SECOND);
        exhaust(path, 100);

        within(
                ONE_A_SECOND.per().plus(SLACK),
                "it is let in again",
                () -> !path.client.probe(probes(path)).containsValue(DROPPED));
    }

    @Test
    @DisplayName("§10.3 leaves its connections, and every other port, to a source that is over the limit (DOOR_LIMIT)")
    void limitsNothingElse() {
        PacketPath path = path();
        Firewall firewall = limiting(FEW);
        firewall.apply(List.of(open(0, SSH), open(2, SSH)));
        List<Connection> connections =
                path.servers().stream().map(to -> path.client.connect(to, DOOR)).toList();

        exhaust(path, 2 * FEW.connections());

        goOn(path.client, connections);
        Packets packets = new Packets(path.client);
        for (int source : new int[] {0, 2}) {
            packets.from(source(source)).to(path.to(source(source))).are(OPEN, TCP, UNGUARDED, 2022);
        }
        packets.check();
    }

    @Test
    @DisplayName("§10.4 limits a /48 network of IPv6 as a whole, at ten times as many (DOOR_LIMIT)")
    void limitsANetworkAsAWhole() {
        PacketPath path = path();
        limiting(ONE);
        Map<Probe, Verdict> verdicts = path.fromNetworks(
                NETWORKS,
                sources -> path.client.probe(new HashSet<>(
                        sources.stream().map(source -> probe(path, source)).toList())));

        assertThat(verdicts.values().stream().filter(OPEN::equals).count())
                .as("of " + NETWORKS + " networks of /64, each with a connection left")
                .isBetween(DoorLimit.WIDER / 2L, DoorLimit.WIDER + 2L);
        othersAreServed(path);
    }

    @Test
    @DisplayName("§10.5 limits neither what comes by loopback nor what passes through the host (DOOR_LIMIT)")
    void limitsOtherHostsOnly() {
        PacketPath path = path();
        limiting(ONE);
        List<InetAddress> ours = new ArrayList<>(path.servers());
        ours.addAll(List.of(address("127.0.0.1"), address("::1")));

        for (int i = 0; i < 2; i++) {
            Packets local = new Packets(path.server);
            ours.forEach(to -> local.from(to).to(to).are(OPEN, TCP, DOOR));
            local.check();
            Packets through = new Packets(path.client);
            through.from(source(0)).to(path.other.ipv4().get(0)).are(OPEN, TCP, DOOR);
            through.from(source(2)).to(path.other.ipv6().get(0)).are(OPEN, TCP, DOOR);
            through.check();
        }
    }

    @Test
    @DisplayName("§10.6 limits nobody once it is closed (DOOR_LIMIT, KEEP_GUARD)")
    void limitsNobodyOnceItIsClosed() {
        PacketPath path = path();
        Firewall firewall = limiting(ONE);
        exhaust(path, 2);

        firewall.close();

        for (int i = 0; i < 2; i++) {
            assertThat(path.client.probe(probes(path))).doesNotContainValue(DROPPED);
        }
    }

    @Test
    @DisplayName("§10.7 counts a connection from the port of one that was reset (DOOR_LIMIT)")
    void countsAConnectionFromTheSamePort() {
        PacketPath path = path();
        limiting(ONE);
        for (int source : new int[] {0, 2}) {
            InetAddress from = source(source);
            assertThat(path.client.exchange(from, LOCAL_PORT, path.to(from), RESETTING))
                    .isEqualTo(REFUSED);
            assertThat(path.client.exchange(from, LOCAL_PORT, path.to(from), RESETTING))
                    .isEqualTo(DROPPED);
        }
    }

    private Firewall limiting(DoorLimit limit) {
        Firewall firewall = firewall();
        needs(firewall, Capability.DOOR_LIMIT);
        firewall.limitDoor(new TreeSet<>(Set.of(DOOR, RESETTING)), limit);
        firewall.install(List.of());
        return firewall;
    }

    /** Connects until neither the first source of IPv4 nor that of IPv6 gets through; how many did. */
    private int exhaust(PacketPath path, int most) {
        int passed = 0;
        Map<Probe, Verdict> verdicts;
        do {
            verdicts = path.client.probe(probes(path));
            passed += (int) verdicts.values().stream().filter(OPEN::equals).count();
            assertThat(passed).as("so many, and there is no end").isLessThanOrEqualTo(most);
        } while (verdicts.containsValue(OPEN));
        return passed;
    }

    private Set<Probe> probes(PacketPath path) {
        return Set.of(probe(path, source(0)), probe(path, source(2)));
    }

    private static Probe probe(PacketPath path, InetAddress source) {
        return new Probe(TCP, source, path.to(source), DOOR);
    }

    private void othersAreServed(PacketPath path) {
        Packets packets = new Packets(path.other);
        packets.from(path.other.ipv4().get(0)).to(path.server(true)).are(OPEN, TCP, DOOR);
        packets.from(path.other.ipv6().get(0)).to(path.server(false)).are(OPEN, TCP, DOOR);
        packets.check();
    }
}
