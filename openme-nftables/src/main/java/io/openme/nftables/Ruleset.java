package io.openme.nftables;

import io.openme.exec.backend.EarlierConnection;
import io.openme.exec.backend.PortPartition;
import io.openme.exec.backend.PortPartition.Segment;
import io.openme.spi.Change;
import io.openme.spi.FirewallContext;
import io.openme.spi.PortRange;
import io.openme.spi.Protocol;
import io.openme.spi.Service;
import io.openme.spi.Service.Established;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Writes what nft reads. Pure: text from values, nothing else.
 *
 * <p>All of it lives in one table, named after the owner. A hook in prerouting before destination NAT sees a packet for a
 * published port of a container with the port that the sender wrote, as it does one for this host. It has to let pass
 * what is on its way to another host, and knows that by the table {@code local} of the routes; but a packet can be delivered
 * here without it, by a VRF or a routing rule. So a second hook, at input, asks the same chains about whatever is delivered.
 *
 * <p>The ports lead by a verdict map to a chain for each combination of services that hold a port; that chain lets pass who
 * is in a set of one of its services. An opening is therefore one element of one set, however many ports its service
 * has, and sets of plain addresses are hashes: as fast with a million elements as with one.
 *
 * <p>A connection that is established passes before any of that, unless it leads to a port of a service that cuts
 * connections: what comes in to one is judged as if it were the first packet, so that a connection dies with its opening by
 * the kernel alone. Which side began it tells conntrack. What is merely related to a connection needs an opening: a helper of
 * conntrack lets whoever speaks its protocol choose the port.
 *
 * <p>The map decides, rather than a rule that compares ports with {@code !=}: a packet too short to hold a port fails
 * every comparison, and falls through to whatever comes next. It has no name, so that nobody can take a port out of it,
 * which the outline of the table would not show: only the rule as a whole can go.
 */
final class Ruleset {
    private final String table;
    private final List<Service> services;
    private final int maxOpenings;
    private final Map<Protocol, List<Segment>> segments = new EnumMap<>(Protocol.class);
    private final List<List<String>> checks;
    private final Optional<Door> door;

    Ruleset(FirewallContext context, int maxOpenings) {
        this("inet " + context.owner(), context.services(), maxOpenings, Optional.empty());
    }

    private Ruleset(String table, List<Service> services, int maxOpenings, Optional<Door> door) {
        this.table = table;
        this.services = services;
        this.maxOpenings = maxOpenings;
        this.door = door;
        for (Protocol protocol : Protocol.values()) {
            segments.put(protocol, PortPartition.of(protocol, services));
        }
        this.checks = segments.values().stream()
                .flatMap(List::stream)
                .map(Segment::services)
                .distinct()
                .toList();
    }

    /** The same in another table, of a name that no owner can have. */
    Ruleset standIn() {
        return new Ruleset(table + "_stand-in", services, maxOpenings, door);
    }

    /** The same with this limit to new connections to the doorman's own ports, or with none. */
    Ruleset limiting(Optional<Door> limited) {
        return new Ruleset(table, services, maxOpenings, limited);
    }

    /** The name of the table as a command takes it: its family and the owner. */
    String table() {
        return table;
    }

    /** Puts the whole table in the place of what was there, in one transaction. */
    String install(Collection<Change.Open> openings, List<EarlierConnection> earlier) {
        StringBuilder text = new StringBuilder(remove());
        text.append("table ").append(table).append(" {\n");
        services.forEach(service -> sets(text, service));
        text.append("  # source, its port, our port: TCP connections that were there before this table\n");
        text.append("  set earlier4 { type ipv4_addr . inet_service . inet_service; }\n");
        text.append("  set earlier6 { type ipv6_addr . inet_service . inet_service; }\n");
        door.map(Door::sets).ifPresent(text::append);
        checks.forEach(check -> chain(text, check));
        judge(text);
        guarded(text);
        door.map(Door::chain).ifPresent(text::append);
        text.append("  chain guard {\n");
        text.append("    type filter hook prerouting priority dstnat - 10; policy accept;\n");
        door.map(Door::jump).ifPresent(text::append);
        text.append("    jump guarded\n");
        text.append("    fib daddr type unicast accept\n"); // on its way to another host
        text.append("    goto judge\n  }\n");
        text.append("  chain delivered {\n");
        text.append("    type filter hook input priority filter - 10; policy accept;\n");
        text.append("    jump guarded\n");
        asWritten(text);
        text.append("    goto judge\n  }\n");
        afterCut(text);
        text.append("}\n");
        earlier(text, earlier, "earlier4", source -> source instanceof Inet4Address);
        earlier(text, earlier, "earlier6", source -> !(source instanceof Inet4Address));
        Elements elements = new Elements(table);
        openings.stream().filter(open -> !Lifetime.isOver(open.lifetime())).forEach(elements::open);
        return text.append(elements.text()).toString();
    }

    /** Removes the table; no error if it is not there. */
    String remove() {
        return "table " + table + "\ndelete table " + table + "\n";
    }

    /** The service of one of its sets. */
    boolean isSetOf(String name, Service service) {
        return name.equals(service.name() + "-ipv4") || name.equals(service.name() + "-ipv6");
    }

    /** Whether this TCP port is guarded, and connections to it that are there already go on. */
    boolean keepsTcp(int port) {
        return segments(Protocol.TCP).stream()
                .filter(segment -> !cuts(segment.services()))
                .anyMatch(segment -> segment.ports().first() <= port
                        && port <= segment.ports().last());
    }

    List<Service> services() {
        return services;
    }

    private List<Segment> segments(Protocol protocol) {
        return segments.getOrDefault(protocol, List.of());
    }

    private void sets(StringBuilder text, Service service) {
        String ports = service.ports().stream().map(Object::toString).collect(Collectors.joining(", "));
        text.append("  # ").append(service.name()).append(": ").append(ports).append("\n");
        for (String family : List.of("ipv4", "ipv6")) {
            text.append("  set " + service.name() + "-" + family + " { type " + family + "_addr; flags timeout; size "
                    + maxOpenings + "; }\n");
        }
    }

    private void chain(StringBuilder text, List<String> check) {
        text.append("  chain ").append(name(check)).append(" {\n");
        admit(text, check, "saddr");
        if (!cuts(check)
                && segments(Protocol.TCP).stream()
                        .anyMatch(segment -> segment.services().equals(check))) {
            // No SYN, so that nothing new begins by it, whoever has that address and port later.
            text.append("    ip saddr . tcp sport . tcp dport @earlier4 tcp flags & (syn | ack) != syn accept\n");
            text.append("    ip6 saddr . tcp sport . tcp dport @earlier6 tcp flags & (syn | ack) != syn accept\n");
        }
        text.append("    counter drop\n  }\n");
    }

    /** Lets pass what has on this side somebody with an opening of one of these services. */
    private static void admit(StringBuilder text, List<String> check, String side) {
        for (String service : check) {
            text.append("    ip " + side + " @" + service + "-ipv4 accept\n");
            text.append("    ip6 " + side + " @" + service + "-ipv6 accept\n");
        }
    }

    /** Whether one of these services cuts connections: a port that it shares with others is cut, too. */
    private boolean cuts(List<String> check) {
        return services.stream()
                .anyMatch(service -> service.established() == Established.CUT && check.contains(service.name()));
    }

    /** What both hooks ask: leads the port that a packet has now to its chain. */
    private void judge(StringBuilder text) {
        text.append("  chain judge {\n");
        segments.forEach((protocol, all) -> lead(text, protocol + " dport", all));
        text.append("  }\n");
    }

    /** Leads by a map what has one of these ports, by this expression, to the chain that judges it. */
    private void lead(StringBuilder text, String port, List<Segment> all) {
        if (!all.isEmpty()) {
            text.append("    " + port + " vmap { ")
                    .append(all.stream().map(this::verdict).collect(Collectors.joining(", ")))
                    .append(" }\n");
        }
    }

    /** Ends with what may pass in any case, and comes back with what is to be judged. */
    private void guarded(StringBuilder text) {
        text.append("  chain guarded {\n");
        text.append("    iif \"lo\" accept\n");
        if (checks.stream().anyMatch(this::cuts)) {
            // What comes in to these ports is judged packet by packet, and the answers to what went out from here pass.
            text.append("    ct direction reply ct state established accept\n");
            ports(this::cuts)
                    .forEach((protocol, ports) -> text.append("    " + protocol + " dport " + ports + " return\n"));
        }
        text.append("    ct state established accept\n");
        ports(check -> !cuts(check))
                .forEach((protocol, ports) -> text.append("    " + protocol + " dport " + ports + " return\n"));
        text.append("    accept\n  }\n");
    }

    /**
     * What came for a guarded port and goes by destination NAT to another one here is judged by the port that its sender wrote.
     * The first hook may have let it pass unjudged, as being for another host.
     */
    private void asWritten(StringBuilder text) {
        segments.forEach((protocol, all) ->
                lead(text, "meta l4proto " + protocol + " ct status dnat ct original proto-dst", all));
    }

    /** The ports of these combinations of services, for each protocol that has some. */
    private Map<Protocol, String> ports(Predicate<List<String>> which) {
        Map<Protocol, String> ports = new EnumMap<>(Protocol.class);
        segments.forEach((protocol, all) -> {
            String list = all.stream()
                    .filter(segment -> which.test(segment.services()))
                    .map(segment -> text(segment.ports()))
                    .collect(Collectors.joining(", "));
            if (!list.isEmpty()) {
                ports.put(protocol, "{ " + list + " }");
            }
        });
        return ports;
    }

    /**
     * Conntrack takes a connection that it has forgotten for one that its next sender began. Were that the server, still
     * sending to a peer that is cut off, the peer's packets would be answers, and pass. So it does not get that far: a
     * TCP connection of this host's own begins with a SYN, and UDP from these ports goes out only to who has an opening.
     *
     * <p>What a container sends is this host's once source NAT has given it an address of this host; else it is on its way
     * from another one.
     */
    private void afterCut(StringBuilder text) {
        if (checks.stream().noneMatch(this::cuts)) {
            return;
        }
        List<Segment> udp = segments(Protocol.UDP).stream()
                .filter(segment -> cuts(segment.services()))
                .toList();
        udp.stream().map(Segment::services).distinct().forEach(check -> {
            text.append("  chain ").append(answers(check)).append(" {\n");
            admit(text, check, "daddr");
            text.append("    counter drop\n  }\n");
        });
        text.append("  chain after-cut {\n");
        text.append("    oif \"lo\" accept\n    ct state != new accept\n");
        Optional.ofNullable(ports(this::cuts).get(Protocol.TCP))
                .ifPresent(ports -> text.append("    tcp sport " + ports + " tcp flags & syn != syn counter drop\n"));
        if (!udp.isEmpty()) {
            text.append("    udp sport vmap { ")
                    .append(udp.stream()
                            .map(segment -> text(segment.ports()) + " : goto " + answers(segment.services()))
                            .collect(Collectors.joining(", ")))
                    .append(" }\n");
        }
        text.append("  }\n");
        text.append("  chain sent {\n");
        text.append("    type filter hook output priority mangle; policy accept;\n    goto after-cut\n  }\n");
        text.append("  chain translated {\n");
        text.append("    type filter hook postrouting priority srcnat + 1; policy accept;\n");
        text.append("    ct state new fib saddr type local goto after-cut\n  }\n");
    }

    private String answers(List<String> check) {
        return "answers-" + (checks.indexOf(check) + 1);
    }

    private String verdict(Segment segment) {
        return text(segment.ports()) + " : goto " + name(segment.services());
    }

    private static String text(PortRange ports) {
        return ports.first() == ports.last() ? "" + ports.first() : ports.first() + "-" + ports.last();
    }

    private String name(List<String> check) {
        return "check-" + (checks.indexOf(check) + 1);
    }

    private void earlier(
            StringBuilder text, List<EarlierConnection> earlier, String set, Predicate<InetAddress> family) {
        for (EarlierConnection connection : earlier) {
            if (family.test(connection.source())) {
                text.append("add element " + table + " " + set + " { "
                        + connection.source().getHostAddress() + " . " + connection.sourcePort() + " . "
                        + connection.port() + " }\n");
            }
        }
    }
}
