package io.openme.testkit;

import static io.openme.spi.Protocol.TCP;
import static io.openme.spi.Protocol.UDP;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Firewall;
import io.openme.spi.PortRange;
import io.openme.spi.Protocol;
import io.openme.spi.Service;
import io.openme.spi.Service.Established;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;

/** The packets of a contract: a client's to its server, and through that to a container behind it. */
final class PacketPath implements Reach {
    /** Nobody guards it, and somebody listens there. */
    static final int UNGUARDED = 2300;

    /** Where the container listens; the server publishes it as {@link #PUBLISHED}. */
    static final int CONTAINER = 4080;

    static final int PUBLISHED = 2450;

    /** Services with connections of their own, on the server and published. */
    static final Service KEPT = Service.of("kept", "2400-2410/tcp", "2400-2410/udp", "2450/tcp", "2450/udp");

    static final Service LIVE = new Service("live", KEPT.ports(), Established.CUT);

    /** Of the ports of {@link #KEPT} one that the server may use to go out. */
    static final int OWN = 2405;

    static final int KEPT_PORT = 2400;

    private static final String NAT = "contract-nat";

    final Host server;
    final Host client;
    final Host other;

    PacketPath(TestNetwork network) {
        server = network.server();
        client = network.client();
        other = network.other();
        for (int port : new int[] {2022, 2080, 2090, 2095, 2100, UNGUARDED, KEPT_PORT}) {
            server.echo(TCP, port);
        }
        for (int port : new int[] {2080, UNGUARDED, KEPT_PORT}) {
            server.echo(UDP, port);
        }
        for (Host host : List.of(client, other)) {
            host.echo(TCP, CONTAINER);
            host.echo(UDP, CONTAINER);
        }
        other.echo(TCP, 2022);
        other.echo(UDP, 2080);
    }

    @Override
    public List<InetAddress> sources() {
        return Stream.concat(client.ipv4().stream(), client.ipv6().stream()).toList();
    }

    /** Whether each protocol of the service does. */
    @Override
    public boolean reaches(Firewall firewall, InetAddress source, Service service) {
        List<Verdict> verdicts = Stream.of(Protocol.values())
                .flatMap(protocol -> service.ports().stream()
                        .filter(range -> range.protocol() == protocol)
                        .limit(1))
                .map(range -> probe(source, range))
                .distinct()
                .toList();
        assertThat(verdicts).as(service + " from " + source).hasSize(1);
        return verdicts.get(0) == Verdict.OPEN;
    }

    private Verdict probe(InetAddress source, PortRange range) {
        return client.probe(range.protocol(), source, to(source), range.first());
    }

    /** The server's address of the same family as this one. */
    InetAddress to(InetAddress source) {
        return server(source instanceof Inet4Address);
    }

    InetAddress server(boolean ipv4) {
        return (ipv4 ? server.ipv4() : server.ipv6()).get(0);
    }

    List<InetAddress> servers() {
        return List.of(server(true), server(false));
    }

    /** Leads {@link #PUBLISHED} of the server to {@link #CONTAINER} of the other, as a published container port. */
    void publish() {
        String rule = "add rule inet " + NAT + " p meta nfproto %s meta l4proto { tcp, udp } th dport " + PUBLISHED
                + " dnat %s to %s:" + CONTAINER + "\n";
        nft("add table inet " + NAT + "\nadd chain inet " + NAT
                + " p { type nat hook prerouting priority dstnat; }\n"
                + String.format(rule, "ipv4", "ip", other.ipv4().get(0).getHostAddress())
                + String.format(rule, "ipv6", "ip6", "[" + other.ipv6().get(0).getHostAddress() + "]"));
    }

    /** No error if it is not published. */
    void publishNoMore() {
        nft("add table inet " + NAT + "\ndelete table inet " + NAT + "\n");
    }

    private void nft(String script) {
        server.runWithInput(script, "nft", "-f", "-").orThrow();
    }
}
