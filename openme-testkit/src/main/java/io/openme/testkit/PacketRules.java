package io.openme.testkit;

import static io.openme.spi.Protocol.TCP;
import static io.openme.spi.Protocol.UDP;
import static io.openme.testkit.PacketPath.KEPT;
import static io.openme.testkit.PacketPath.KEPT_PORT;
import static io.openme.testkit.PacketPath.LIVE;
import static io.openme.testkit.PacketPath.OWN;
import static io.openme.testkit.PacketPath.PUBLISHED;
import static io.openme.testkit.PacketPath.UNGUARDED;
import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static io.openme.testkit.Verdict.REFUSED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.openme.spi.Capability;
import io.openme.spi.Firewall;
import io.openme.spi.Protocol;
import io.openme.spi.Service;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Chapters 8 and 9: what becomes of packets, and of connections when an opening ends. */
abstract class PacketRules extends ReachRules {
    @AfterEach
    final void publishNothing() {
        packets().ifPresent(PacketPath::publishNoMore);
    }

    @Test
    @DisplayName("§8.1 closes each guarded port to everybody, and no other")
    void closesGuardedPortsAndNoOther() {
        PacketPath path = path();
        installed(SSH, WEB, ADMIN);

        for (InetAddress to : path.servers()) {
            for (int port : new int[] {2022, 2080, 2090, 2095, 2100}) {
                assertThat(path.client.probe(TCP, to, port)).as(to + " " + port).isEqualTo(DROPPED);
            }
            assertThat(path.client.probe(UDP, to, 2080)).isEqualTo(DROPPED);
            assertThat(path.other.probe(TCP, to, 2080)).isEqualTo(DROPPED);
            assertThat(path.client.probe(TCP, to, UNGUARDED)).isEqualTo(OPEN);
            assertThat(path.client.probe(UDP, to, UNGUARDED)).isEqualTo(OPEN);
            assertThat(path.client.probe(TCP, to, 2101)).isEqualTo(REFUSED);
            assertThat(path.client.probe(UDP, to, 2022)).isEqualTo(REFUSED);
        }
    }

    @Test
    @DisplayName("§8.2 opens every port of a service, and no other, to the source alone")
    void opensEveryPortOfAServiceToTheSourceAlone() {
        PacketPath path = path();
        for (int source : new int[] {0, 2}) {
            Firewall firewall = installed(SSH, WEB, ADMIN);
            firewall.apply(List.of(open(source, WEB)));

            InetAddress to = path.to(source(source));
            for (int port : new int[] {2080, 2090, 2095}) {
                assertThat(path.client.probe(TCP, source(source), to, port)).isEqualTo(OPEN);
                assertThat(path.client.probe(TCP, source(source + 1), to, port)).isEqualTo(DROPPED);
            }
            assertThat(path.client.probe(UDP, source(source), to, 2080)).isEqualTo(OPEN);
            assertThat(path.client.probe(UDP, source(source + 1), to, 2080)).isEqualTo(DROPPED);
            assertThat(path.client.probe(TCP, source(source), to, 2022)).isEqualTo(DROPPED);
            assertThat(path.client.probe(TCP, source(source), to, 2100)).isEqualTo(DROPPED);
        }
    }

    @Test
    @DisplayName("§8.3 keeps a port that services share open while one of them is")
    void keepsASharedPortOpenWhileOneServiceIs() {
        PacketPath path = path();
        Firewall firewall = installed(WEB, ADMIN);
        for (List<Service> order : List.of(List.of(WEB, ADMIN), List.of(ADMIN, WEB))) {
            firewall.apply(List.of(open(0, WEB), open(0, ADMIN)));
            firewall.apply(List.of(close(0, order.get(0))));
            assertThat(path.client.probe(TCP, source(0), path.server(true), 2095))
                    .isEqualTo(OPEN);
            firewall.apply(List.of(close(0, order.get(1))));
            assertThat(path.client.probe(TCP, source(0), path.server(true), 2095))
                    .isEqualTo(DROPPED);
        }
    }

    @Test
    @DisplayName("§8.4 guards ports that are forwarded to a container as those of the host")
    void guardsForwardedPorts() {
        PacketPath path = path();
        path.publish();
        Firewall firewall = installed(KEPT);
        for (Protocol protocol : Protocol.values()) {
            for (InetAddress to : path.servers()) {
                assertThat(path.client.probe(protocol, to, PUBLISHED)).isEqualTo(DROPPED);
            }
        }

        firewall.apply(List.of(open(0, KEPT), open(2, KEPT)));

        for (int source : new int[] {0, 2}) {
            InetAddress to = path.to(source(source));
            for (Protocol protocol : Protocol.values()) {
                assertThat(path.client.probe(protocol, source(source), to, PUBLISHED))
                        .isEqualTo(OPEN);
                assertThat(path.client.probe(protocol, source(source + 1), to, PUBLISHED))
                        .isEqualTo(DROPPED);
            }
        }
    }

    @Test
    @DisplayName("§8.5 leaves the host its own ports, by loopback and by its own addresses")
    void leavesTheHostItsOwnPorts() {
        PacketPath path = path();
        installed(SSH, WEB);
        List<InetAddress> ours = new ArrayList<>(path.servers());
        ours.addAll(List.of(address("127.0.0.1"), address("::1")));

        for (InetAddress to : ours) {
            assertThat(path.server.probe(TCP, to, 2022)).as("to " + to).isEqualTo(OPEN);
            assertThat(path.server.probe(UDP, to, 2080)).as("to " + to).isEqualTo(OPEN);
        }
    }

    @Test
    @DisplayName("§8.6 lets traffic pass that goes through the host to another")
    void letsTransitTrafficPass() {
        PacketPath path = path();
        installed(SSH, WEB);

        for (InetAddress to :
                List.of(path.other.ipv4().get(0), path.other.ipv6().get(0))) {
            assertThat(path.client.probe(TCP, to, 2022)).isEqualTo(OPEN);
            assertThat(path.client.probe(UDP, to, 2080)).isEqualTo(OPEN);
        }
    }

    @Test
    @DisplayName("§8.7 leaves the host the connections that it begins itself, even from a guarded port")
    void leavesTheHostItsOwnConnections() {
        PacketPath path = path();
        Firewall firewall = firewall();
        List<Service> services = firewall.capabilities().contains(Capability.CUT) ? List.of(KEPT, LIVE) : List.of(KEPT);
        for (Service service : services) {
            installed(service);
            for (InetAddress to :
                    List.of(path.client.ipv4().get(0), path.client.ipv6().get(0))) {
                for (Protocol protocol : Protocol.values()) {
                    int from = OWN + services.indexOf(service);
                    Connection connection = path.server.connect(protocol, from, to, PacketPath.CONTAINER);
                    assertThat(connection.talk()).isEqualTo(OPEN);
                    assertThat(connection.talk()).isEqualTo(OPEN);
                    connection.close();
                }
            }
        }
    }

    @Test
    @DisplayName("§8.8 does not cut a TCP connection that is there when the guard comes")
    void keepsConnectionsThatAreThereWhenTheGuardComes() {
        PacketPath path = path();
        List<Connection> connections = path.servers().stream()
                .map(to -> path.client.connect(TCP, 0, to, KEPT_PORT))
                .toList();

        installed(KEPT);

        assertThat(connections).allSatisfy(c -> assertThat(c.talk()).isEqualTo(OPEN));
        assertThat(path.client.probe(TCP, path.server(true), KEPT_PORT)).isEqualTo(DROPPED);
    }

    @Test
    @DisplayName("§9.1 does not cut connections when their opening is closed (KEEP)")
    void keepsConnectionsWhenTheirOpeningIsClosed() {
        PacketPath path = path();
        path.publish();
        Firewall firewall = installed(KEPT);
        firewall.apply(List.of(open(0, KEPT), open(2, KEPT)));
        List<Connection> connections = connections(path);

        firewall.apply(List.of(close(0, KEPT), close(2, KEPT)));

        assertThat(connections).allSatisfy(c -> assertThat(c.talk()).isEqualTo(OPEN));
    }

    @Test
    @DisplayName("§9.2 does not cut connections when their opening is over (KEEP, KERNEL_EXPIRY)")
    void keepsConnectionsWhenTheirOpeningIsOver() {
        PacketPath path = path();
        path.publish();
        Firewall firewall = installed(KEPT);
        needs(firewall, Capability.KERNEL_EXPIRY);
        firewall.apply(List.of(open(0, KEPT, SHORT), open(2, KEPT, SHORT)));
        List<Connection> connections = connections(path);

        within(SHORT.plus(SLACK), "both are over", () -> firewall.openings().isEmpty());

        assertThat(connections).allSatisfy(c -> assertThat(c.talk()).isEqualTo(OPEN));
    }

    @Test
    @DisplayName("§9.3 cuts connections when their opening is closed (CUT)")
    void cutsConnectionsWhenTheirOpeningIsClosed() {
        PacketPath path = path();
        needs(firewall(), Capability.CUT);
        path.publish();
        Firewall firewall = installed(LIVE);
        firewall.apply(List.of(open(0, LIVE), open(2, LIVE)));
        List<Connection> connections = connections(path);
        assertThat(connections).allSatisfy(c -> assertThat(c.talk()).isEqualTo(OPEN));

        firewall.apply(List.of(close(0, LIVE), close(2, LIVE)));

        assertThat(connections).allSatisfy(c -> assertThat(c.talk()).isNotEqualTo(OPEN));
    }

    @Test
    @DisplayName("§9.4 cuts connections when their opening is over, with nobody to do it (CUT, KERNEL_EXPIRY)")
    void cutsConnectionsWhenTheirOpeningIsOver() {
        PacketPath path = path();
        Firewall firewall = firewall();
        needs(firewall, Capability.CUT);
        needs(firewall, Capability.KERNEL_EXPIRY);
        path.publish();
        Firewall live = installed(LIVE);
        live.apply(List.of(open(0, LIVE, SHORT), open(2, LIVE, SHORT)));
        List<Connection> connections = connections(path);

        within(SHORT.plus(SLACK), "both are over", () -> live.openings().isEmpty());

        assertThat(connections).allSatisfy(c -> assertThat(c.talk()).isNotEqualTo(OPEN));
    }

    @Test
    @DisplayName("§9.5 does not cut a connection while its opening is renewed or installed anew (CUT)")
    void cutsNothingWhileItsOpeningStays() {
        PacketPath path = path();
        needs(firewall(), Capability.CUT);
        path.publish();
        Firewall firewall = installed(LIVE);
        firewall.apply(List.of(open(0, LIVE), open(2, LIVE)));
        List<Connection> connections = connections(path);

        firewall.apply(List.of(open(0, LIVE), open(2, LIVE)));
        firewall.install(List.of(open(0, LIVE), open(2, LIVE)));

        assertThat(connections).allSatisfy(c -> assertThat(c.talk()).isEqualTo(OPEN));
    }

    /** One of each protocol and family, to the server and through it to the container. */
    private static List<Connection> connections(PacketPath path) {
        List<Connection> connections = new ArrayList<>();
        for (InetAddress to : path.servers()) {
            for (Protocol protocol : Protocol.values()) {
                for (int port : new int[] {KEPT_PORT, PUBLISHED}) {
                    Connection connection = path.client.connect(protocol, 0, to, port);
                    assertThat(connection.talk())
                            .as(protocol + " to " + to + " " + port)
                            .isEqualTo(OPEN);
                    connections.add(connection);
                }
            }
        }
        return connections;
    }

    private PacketPath path() {
        return packets().orElseGet(() -> abort(provider().name() + " is not tried with packets"));
    }
}
