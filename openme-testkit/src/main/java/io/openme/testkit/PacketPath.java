package io.openme.testkit;

import static io.openme.spi.Protocol.TCP;
import static io.openme.spi.Protocol.UDP;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Firewall;
import io.openme.spi.Opening;
import io.openme.spi.PortRange;
import io.openme.spi.Protocol;
import io.openme.spi.Service;
import io.openme.spi.Service.Established;
import io.openme.testkit.Host.Probe;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The packets of a contract: a client's to its server, and through that to a container behind it. */
final class PacketPath implements Reach {
    /** Nobody guards it, and somebody listens there. */
    static final int UNGUARDED = 2300;

    /** The doorman's own, for the rules about it. */
    static final int DOOR = 2310;

    /** Where each connection is reset, as the doorman may reset one. */
    static final int RESETTING = 2311;

    /** Where the container listens; the server publishes it as {@link #PUBLISHED}. */
    static final int CONTAINER = 4080;

    static final int PUBLISHED = 2450;

    /** Services with connections of their own, on the server and published. */
    static final Service KEPT = Service.of("kept", "2400-2410/tcp", "2400-2410/udp", "2450/tcp", "2450/udp");

    static final Service LIVE = new Service("live", KEPT.ports(), Established.CUT);

    /** Of the ports of {@link #KEPT} one that the server may use to go out. */
    static final int OWN = 2405;

    static final int KEPT_PORT = 2400;

    /** Addresses that are the server's by a routing rule alone: of its table {@code local} they are not. */
    static final List<InetAddress> ROUTED =
            List.of(ContractFixture.address("198.18.0.7"), ContractFixture.address("2001:db8:77::7"));

    private static final String ROUTES = "77";
    private static final String NAT = "contract-nat";
    private static final String HELPER = "contract-helper";
    private static final String COUNT = "contract-count";
    private static final Duration UNDERWAY = Duration.ofSeconds(5);

    final Host server;
    final Host client;
    final Host other;

    PacketPath(TestNetwork network) {
        server = network.server();
        client = network.client();
        other = network.other();
        for (int port : new int[] {2022, 2080, 2090, 2095, 2100, UNGUARDED, DOOR, KEPT_PORT}) {
            server.echo(TCP, port);
        }
        server.reset(RESETTING);
        for (int port : new int[] {2080, UNGUARDED, KEPT_PORT}) {
            server.echo(UDP, port);
        }
        for (Host host : List.of(client, other)) {
            host.echo(TCP, CONTAINER);
            host.echo(UDP, CONTAINER);
        }
        other.echo(TCP, 2022);
        other.echo(TCP, DOOR);
        other.echo(UDP, 2080);
    }

    @Override
    public List<InetAddress> sources() {
        return Stream.concat(client.ipv4().stream(), client.ipv6().stream()).toList();
    }

    @Override
    public boolean reaches(Firewall firewall, InetAddress source, Service service) {
        return reached(firewall, List.of(service)).contains(new Opening(source, service.name()));
    }

    /** By a packet of each protocol of the services. */
    @Override
    public Set<Opening> reached(Firewall firewall, Collection<Service> services) {
        Map<Opening, Set<Probe>> probes = new HashMap<>();
        for (Service service : services) {
            for (InetAddress source : sources()) {
                probes.put(
                        new Opening(source, service.name()),
                        firstOfEachProtocol(service)
                                .map(range -> new Probe(range.protocol(), source, to(source), range.first()))
                                .collect(Collectors.toSet()));
            }
        }
        Map<Probe, Verdict> verdicts =
                client.probe(probes.values().stream().flatMap(Set::stream).collect(Collectors.toSet()));
        probes.values().removeIf(sent -> !allPass(sent, verdicts));
        return probes.keySet();
    }

    private static Stream<PortRange> firstOfEachProtocol(Service service) {
        return Stream.of(Protocol.values())
                .flatMap(protocol -> service.ports().stream()
                        .filter(range -> range.protocol() == protocol)
                        .limit(1));
    }

    private static boolean allPass(Set<Probe> sent, Map<Probe, Verdict> verdicts) {
        List<Verdict> different = sent.stream().map(verdicts::get).distinct().toList();
        assertThat(different).as("the same for each protocol: " + sent).hasSize(1);
        return different.contains(Verdict.OPEN);
    }

    /** The server's address of the same family as this one. */
    InetAddress to(InetAddress source) {
        return server(source instanceof Inet4Address);
    }

    /** The client's first address of the same family as this one. */
    InetAddress clientOf(InetAddress to) {
        return (to instanceof Inet4Address ? client.ipv4() : client.ipv6()).get(0);
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
        nft(
                server,
                "add table inet " + NAT + "\nadd chain inet " + NAT
                        + " p { type nat hook prerouting priority dstnat; }\n"
                        + String.format(rule, "ipv4", "ip", other.ipv4().get(0).getHostAddress())
                        + String.format(
                                rule, "ipv6", "ip6", "[" + other.ipv6().get(0).getHostAddress() + "]"));
    }

    /** Leads what comes for this TCP port, of the server or of any host behind it, to another of the server's own. */
    void redirect(int from, int to) {
        nft(
                server,
                "table inet " + NAT + " {\n chain p {\n  type nat hook prerouting priority dstnat;\n  tcp dport " + from
                        + " redirect to :" + to + "\n }\n}\n");
    }

    /** Has conntrack expect a connection to this port of the server from whom the server connects to by IPv4. */
    void expect(int port) {
        nft(
                server,
                "table inet " + HELPER + " {\n ct expectation e {\n  protocol tcp\n  dport " + port
                        + "\n  timeout 1m\n  size 8\n  l3proto ip\n }\n chain c {\n  type filter hook output priority 0;\n"
                        + "  tcp dport " + CONTAINER + " ct state new ct expectation set \"e\"\n }\n}\n");
    }

    /** Makes {@link #ROUTED} the server's. */
    void route() {
        for (InetAddress address : ROUTED) {
            String to = address.getHostAddress();
            routing(address, "rule add to " + to + " lookup " + ROUTES);
            routing(address, "route add local " + to + " dev lo table " + ROUTES);
        }
    }

    private void routing(InetAddress address, String command) {
        server.runWithInput(command + "\n", "ip", address instanceof Inet4Address ? "-4" : "-6", "-batch", "-")
                .orThrow();
    }

    /** Takes away what somebody else has put there by one of these. */
    void clear() {
        delete(server, NAT);
        delete(server, HELPER);
        for (String family : List.of("-4", "-6")) {
            // One that is not there is no error of ours.
            server.run(
                    "sh",
                    "-c",
                    "ip " + family + " rule del lookup " + ROUTES + "; ip " + family + " route flush table " + ROUTES);
        }
    }

    /** Which of these packets the server would hand to a program, if one were there; sent by the client all at once. */
    Set<Probe> delivered(Set<Probe> probes) {
        List<Probe> list = List.copyOf(probes);
        count(
                server,
                "input",
                list.stream()
                        .map(probe -> (probe.to() instanceof Inet4Address ? "ip" : "ip6") + " daddr "
                                + probe.to().getHostAddress() + " " + probe.protocol() + " dport " + probe.port())
                        .toArray(String[]::new));
        try {
            client.probe(probes);
            List<Long> counts = counted(server);
            return IntStream.range(0, list.size())
                    .filter(i -> counts.get(i) > 0)
                    .mapToObj(list::get)
                    .collect(Collectors.toSet());
        } finally {
            delete(server, COUNT);
        }
    }

    /** Has the client an address in each of so many /64 networks of its /48 while this is done with them. */
    <T> T fromNetworks(int networks, Function<List<InetAddress>, T> what) {
        List<InetAddress> addresses = IntStream.range(0, networks)
                .mapToObj(i -> ContractFixture.address("2001:db8:1:" + Integer.toHexString(i + 16) + "::2"))
                .toList();
        String route = " 2001:db8:1::/48 via " + client.ipv6().get(0).getHostAddress();
        ip(client, "addr add", addresses, "/64 dev cable nodad preferred_lft 0");
        server.run("sh", "-c", "ip -6 route add" + route).orThrow();
        try {
            return what.apply(addresses);
        } finally {
            server.run("sh", "-c", "ip -6 route del" + route);
            ip(client, "addr del", addresses, "/64 dev cable");
        }
    }

    private static void ip(Host host, String verb, List<InetAddress> addresses, String rest) {
        String batch = addresses.stream()
                .map(a -> verb + " " + a.getHostAddress() + rest + "\n")
                .collect(Collectors.joining());
        host.runWithInput(batch, "ip", "-6", "-batch", "-").orThrow();
    }

    /** How many first packets of a flood left the client, and how many of them passed every firewall of the server. */
    record Passed(long sent, long arrived) {}

    /** Connects again and again while this is done. */
    Passed connecting(InetAddress source, int port, Runnable meanwhile) {
        return passed(
                TCP, "tcp flags & (syn | ack) == syn", port, () -> client.flood(source, to(source), port), meanwhile);
    }

    /** Sends UDP packets without a pause while this is done. */
    Passed spraying(InetAddress source, int port, Runnable meanwhile) {
        return passed(UDP, "", port, () -> client.spray(source, to(source), port), meanwhile);
    }

    /** Counts in the kernel, since a connection that takes too long can have other causes than a lost packet. */
    private Passed passed(Protocol protocol, String match, int port, Supplier<Flood> flooding, Runnable meanwhile) {
        count(client, "output", protocol + " dport " + port + " " + match);
        count(server, "input", protocol + " dport " + port + " " + match);
        try {
            Flood flood = flooding.get();
            meanwhile.run();
            flood.end();
            Passed passed = counted();
            // The last ones may be on their way, if this machine is busy.
            for (long end = System.nanoTime() + UNDERWAY.toNanos();
                    passed.arrived < passed.sent && passed.arrived > 0 && System.nanoTime() < end; ) {
                passed = counted();
            }
            return passed;
        } finally {
            List.of(client, server).forEach(host -> delete(host, COUNT));
        }
    }

    private Passed counted() {
        return new Passed(counted(client).get(0), counted(server).get(0));
    }

    private static void count(Host host, String hook, String... matches) {
        nft(
                host,
                "table inet " + COUNT + " {\n chain c {\n  type filter hook " + hook + " priority 300;\n  "
                        + String.join(" counter\n  ", matches) + " counter\n }\n}\n");
    }

    private static List<Long> counted(Host host) {
        String listing =
                host.run("nft", "list", "table", "inet", COUNT).orThrow().output();
        List<Long> counts = Pattern.compile("counter packets (\\d+)")
                .matcher(listing)
                .results()
                .map(count -> Long.valueOf(count.group(1)))
                .toList();
        assertThat(counts).as(listing).isNotEmpty();
        return counts;
    }

    private static void delete(Host host, String table) {
        nft(host, "add table inet " + table + "\ndelete table inet " + table + "\n");
    }

    private static void nft(Host host, String script) {
        host.runWithInput(script, "nft", "-f", "-").orThrow();
    }
}
