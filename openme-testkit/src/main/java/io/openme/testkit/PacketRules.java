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
import io.openme.testkit.Host.Probe;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Chapters 8 and 9: what becomes of packets, and of connections when an opening ends. */
abstract class PacketRules extends ReachRules {
    @AfterEach
    final void takeAwayWhatOthersPutThere() {
        packets().ifPresent(PacketPath::clear);
    }

    @Test
    @DisplayName("§8.1 closes each guarded port to everybody, and no other")
    void closesGuardedPortsAndNoOther() {
        PacketPath path = path();
        installed(SSH, web(), ADMIN);

        Packets packets = new Packets(path.client);
        for (InetAddress to : path.servers()) {
            packets.from(path.clientOf(to)).to(to);
            packets.are(DROPPED, TCP, 2022, 2080, 2090, 2095, 2100).are(DROPPED, UDP, 2080);
            packets.are(OPEN, TCP, UNGUARDED).are(OPEN, UDP, UNGUARDED);
            packets.are(REFUSED, TCP, 2101).are(REFUSED, UDP, 2022);
        }
        packets.check();
        Packets others = new Packets(path.other);
        others.from(path.other.ipv4().get(0)).to(path.server(true)).are(DROPPED, TCP, 2080);
        others.from(path.other.ipv6().get(0)).to(path.server(false)).are(DROPPED, TCP, 2080);
        others.check();
    }

    @Test
    @DisplayName("§8.2 opens every port of a service, and no other, to the source alone")
    void opensEveryPortOfAServiceToTheSourceAlone() {
        PacketPath path = path();
        Firewall firewall = installed(SSH, web(), ADMIN);

        firewall.apply(List.of(open(0, web()), open(2, web())));

        Packets packets = new Packets(path.client);
        for (int source : new int[] {0, 2}) {
            packets.to(path.to(source(source))).from(source(source));
            packets.are(OPEN, TCP, 2080, 2090, 2095).are(OPEN, UDP, 2080);
            packets.are(DROPPED, TCP, 2022, 2100);
            packets.from(source(source + 1));
            packets.are(DROPPED, TCP, 2022, 2080, 2090, 2095, 2100).are(DROPPED, UDP, 2080);
        }
        packets.check();
    }

    @Test
    @DisplayName("§8.3 keeps a port that services share open while one of them is")
    void keepsASharedPortOpenWhileOneServiceIs() {
        PacketPath path = path();
        Firewall firewall = installed(web(), ADMIN);
        for (List<Service> order : List.of(List.of(web(), ADMIN), List.of(ADMIN, web()))) {
            firewall.apply(List.of(open(0, web()), open(0, ADMIN)));
            firewall.apply(List.of(close(0, order.get(0))));
            shared(path, OPEN);
            firewall.apply(List.of(close(0, order.get(1))));
            shared(path, DROPPED);
        }
    }

    private void shared(PacketPath path, Verdict verdict) {
        new Packets(path.client)
                .from(source(0))
                .to(path.server(true))
                .are(verdict, TCP, 2095)
                .check();
    }

    @Test
    @DisplayName("§8.4 guards ports that are forwarded to a container as those of the host")
    void guardsForwardedPorts() {
        PacketPath path = path();
        path.publish();
        Firewall firewall = installed(KEPT);
        forwarded(path, DROPPED, 0, 2);

        firewall.apply(List.of(open(0, KEPT), open(2, KEPT)));

        forwarded(path, OPEN, 0, 2);
        forwarded(path, DROPPED, 1, 3);
    }

    private void forwarded(PacketPath path, Verdict verdict, int... sources) {
        Packets packets = new Packets(path.client);
        for (int source : sources) {
            packets.from(source(source)).to(path.to(source(source)));
            packets.are(verdict, TCP, PUBLISHED).are(verdict, UDP, PUBLISHED);
        }
        packets.check();
    }

    @Test
    @DisplayName("§8.5 leaves the host its own ports, by loopback and by its own addresses")
    void leavesTheHostItsOwnPorts() {
        PacketPath path = path();
        installed(SSH, web());
        List<InetAddress> ours = new ArrayList<>(path.servers());
        ours.addAll(List.of(address("127.0.0.1"), address("::1")));

        Packets packets = new Packets(path.server);
        ours.forEach(to -> packets.from(to).to(to).are(OPEN, TCP, 2022).are(OPEN, UDP, 2080));
        packets.check();
    }

    @Test
    @DisplayName("§8.6 lets traffic pass that goes through the host to another")
    void letsTransitTrafficPass() {
        PacketPath path = path();
        installed(SSH, web());

        Packets packets = new Packets(path.client);
        packets.from(source(0)).to(path.other.ipv4().get(0));
        packets.are(OPEN, TCP, 2022).are(OPEN, UDP, 2080);
        packets.from(source(2)).to(path.other.ipv6().get(0));
        packets.are(OPEN, TCP, 2022).are(OPEN, UDP, 2080);
        packets.check();
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
                // Of UDP nobody can tell from a service that goes on to send to whom it is cut off from: see 9.6.
                for (Protocol protocol : service.equals(LIVE) ? List.of(TCP) : List.of(TCP, UDP)) {
                    int from = OWN + services.indexOf(service);
                    Connection connection = path.server.connect(protocol, from, to, PacketPath.CONTAINER);
                    goOn(path.server, List.of(connection));
                    goOn(path.server, List.of(connection));
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

        goOn(path.client, connections);
        new Packets(path.client)
                .from(source(0))
                .to(path.server(true))
                .are(DROPPED, TCP, KEPT_PORT)
                .check();
    }

    @Test
    @DisplayName("§8.9 guards an address that is the host's by a routing rule alone")
    void guardsWhatIsDeliveredByARoutingRule() {
        PacketPath path = path();
        Firewall firewall = installed(web());
        path.route();
        Set<Probe> guarded = new HashSet<>();
        for (InetAddress to : PacketPath.ROUTED) {
            for (Protocol protocol : Protocol.values()) {
                guarded.add(new Probe(protocol, path.clientOf(to), to, 2080));
            }
        }

        assertThat(path.delivered(guarded)).isEmpty();
        firewall.apply(List.of(open(0, web()), open(2, web())));
        assertThat(path.delivered(guarded)).isEqualTo(guarded);
    }

    @Test
    @DisplayName("§8.10 lets in nobody because connection tracking expects him")
    void letsInNobodyBecauseHeIsExpected() {
        PacketPath path = path();
        installed(SSH);
        path.expect(2022);

        try (Connection ours = path.server.connect(source(0), PacketPath.CONTAINER)) {
            goOn(path.server, List.of(ours));
            new Packets(path.client)
                    .from(source(0))
                    .to(path.server(true))
                    .are(DROPPED, TCP, 2022)
                    .check();
        }
    }

    @Test
    @DisplayName(
            "§8.11 judges what is redirected to a guarded port, whomever it was for, by the port that the sender wrote, if guarded")
    void judgesWhatIsRedirectedToAGuardedPort() {
        PacketPath path = path();
        Firewall firewall = installed(SSH, KEPT);
        firewall.apply(List.of(open(0, KEPT)));
        List<InetAddress> destinations =
                List.of(path.server(true), path.other.ipv4().get(0));

        path.redirect(UNGUARDED, 2022);
        Packets packets = new Packets(path.client).from(source(0));
        destinations.forEach(to -> packets.to(to).are(DROPPED, TCP, UNGUARDED));
        packets.check();
        path.clear();
        path.redirect(PUBLISHED, 2022);
        Packets both = new Packets(path.client);
        for (InetAddress to : destinations) {
            both.to(to);
            both.from(source(0)).are(OPEN, TCP, PUBLISHED);
            both.from(source(1)).are(DROPPED, TCP, PUBLISHED);
        }
        both.check();
    }

    @Test
    @DisplayName("§9.1 does not cut connections when their opening is closed (KEEP)")
    void keepsConnectionsWhenTheirOpeningIsClosed() {
        PacketPath path = path();
        Firewall firewall = installed(KEPT);
        List<Connection> connections = connections(path, firewall, KEPT);

        firewall.apply(List.of(close(0, KEPT), close(2, KEPT)));

        goOn(path.client, connections);
    }

    @Test
    @DisplayName("§9.2 does not cut connections when their opening is over (KEEP, KERNEL_EXPIRY)")
    void keepsConnectionsWhenTheirOpeningIsOver() {
        PacketPath path = path();
        Firewall firewall = installed(KEPT);
        needs(firewall, Capability.KERNEL_EXPIRY);
        List<Connection> connections = connections(path, firewall, KEPT);

        firewall.apply(List.of(open(0, KEPT, SHORT), open(2, KEPT, SHORT)));
        within(SHORT.plus(SLACK), "both are over", () -> firewall.openings().isEmpty());

        goOn(path.client, connections);
    }

    @Test
    @DisplayName("§9.3 cuts connections when their opening is closed (CUT)")
    void cutsConnectionsWhenTheirOpeningIsClosed() {
        PacketPath path = path();
        needs(firewall(), Capability.CUT);
        Firewall firewall = installed(LIVE);
        List<Connection> connections = connections(path, firewall, LIVE);

        firewall.apply(List.of(close(0, LIVE), close(2, LIVE)));

        assertThat(path.client.talk(connections)).doesNotContain(OPEN);
    }

    @Test
    @DisplayName("§9.4 cuts connections when their opening is over, with nobody to do it (CUT, KERNEL_EXPIRY)")
    void cutsConnectionsWhenTheirOpeningIsOver() {
        PacketPath path = path();
        needs(firewall(), Capability.CUT);
        needs(firewall(), Capability.KERNEL_EXPIRY);
        Firewall firewall = installed(LIVE);
        List<Connection> connections = connections(path, firewall, LIVE);

        firewall.apply(List.of(open(0, LIVE, SHORT), open(2, LIVE, SHORT)));
        within(SHORT.plus(SLACK), "both are over", () -> firewall.openings().isEmpty());

        assertThat(path.client.talk(connections)).doesNotContain(OPEN);
    }

    @Test
    @DisplayName("§9.5 does not cut a connection while its opening is renewed or installed anew (CUT)")
    void cutsNothingWhileItsOpeningStays() {
        PacketPath path = path();
        needs(firewall(), Capability.CUT);
        Firewall firewall = installed(LIVE);
        List<Connection> connections = connections(path, firewall, LIVE);

        firewall.apply(List.of(open(0, LIVE), open(2, LIVE)));
        firewall.install(List.of(open(0, LIVE), open(2, LIVE)));

        goOn(path.client, connections);
    }

    @Test
    @DisplayName("§9.6 lets the host begin to send from a UDP port that is cut only to who has an opening (CUT)")
    void letsTheHostSendFromAPortThatIsCutOnlyToWhoHasAnOpening() {
        PacketPath path = path();
        needs(firewall(), Capability.CUT);
        Firewall firewall = installed(LIVE);
        List<Connection> connections = new ArrayList<>();
        for (InetAddress to : path.servers()) {
            // From ports that no other rule sends from: what conntrack still knows goes on.
            int from = OWN + 2 + connections.size();
            connections.add(path.server.connect(UDP, from, path.clientOf(to), PacketPath.CONTAINER));
        }

        assertThat(path.server.talk(connections)).containsOnly(DROPPED);
        firewall.apply(List.of(open(0, LIVE), open(2, LIVE)));
        goOn(path.server, connections);
        connections.forEach(Connection::close);
    }

    /** One of each protocol and family, to the server and through it to the container, by openings of an hour. */
    private List<Connection> connections(PacketPath path, Firewall firewall, Service service) {
        path.publish();
        firewall.apply(List.of(open(0, service), open(2, service)));
        List<Connection> connections = new ArrayList<>();
        for (InetAddress to : path.servers()) {
            for (Protocol protocol : Protocol.values()) {
                for (int port : new int[] {KEPT_PORT, PUBLISHED}) {
                    connections.add(path.client.connect(protocol, 0, to, port));
                }
            }
        }
        goOn(path.client, connections);
        return connections;
    }

    /** Since what a busy machine loses is not cut, it tries again. */
    static void goOn(Host host, List<Connection> connections) {
        List<Verdict> verdicts = host.talk(connections);
        for (int i = 1; i < TRIES && verdicts.contains(DROPPED); i++) {
            verdicts = host.talk(connections);
        }
        assertThat(verdicts).containsOnly(OPEN);
    }

    final PacketPath path() {
        return packets().orElseGet(() -> abort(provider().name() + " is not tried with packets"));
    }
}
