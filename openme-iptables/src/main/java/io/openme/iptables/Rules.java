package io.openme.iptables;

import io.openme.exec.backend.EarlierConnection;
import io.openme.exec.backend.PortPartition;
import io.openme.exec.backend.PortPartition.Segment;
import io.openme.spi.PortRange;
import io.openme.spi.Protocol;
import io.openme.spi.Service;
import io.openme.spi.Service.Established;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Writes what {@code iptables-restore} reads, the same for both families. Pure: text from values, nothing else.
 *
 * <p>PREROUTING of mangle comes after connection tracking and before destination NAT, so that a packet for a published port
 * of a container still has the port that the sender wrote. Its first rule jumps to the guard, which leads what is for a
 * guarded port to a chain for the combination of services that hold it; that chain lets pass (by RETURN, to whatever else
 * the host has in mangle) who has an opening of one of them. A match on ports that a packet is too short to hold drops it.
 *
 * <p>The guard has to let pass what is on its way to another host, and knows that by the table {@code local} of the routes;
 * but a packet can be delivered here without it, by a VRF or a routing rule. So INPUT asks the same chains about whatever
 * is delivered.
 *
 * <p>A connection that is established passes before any of that, unless it leads to a port of a service that cuts
 * connections: what comes in to one is judged as if it were the first packet, so that a connection dies with its opening by
 * the kernel alone. Which side began it tells conntrack. What is merely related to a connection needs an opening: a helper of
 * conntrack lets whoever speaks its protocol choose the port.
 */
final class Rules {
    private static final String OLDER = " -p tcp -m tcp ! --tcp-flags SYN,ACK SYN";

    private final Names names;
    private final List<Service> services;
    private final List<Segment> segments;
    private final List<List<String>> checks;
    private final Optional<Door> door;

    Rules(Names names, List<Service> services) {
        this(names, services, Optional.empty());
    }

    private Rules(Names names, List<Service> services, Optional<Door> door) {
        this.names = names;
        this.services = services;
        this.door = door;
        this.segments = Stream.of(Protocol.values())
                .flatMap(protocol -> PortPartition.of(protocol, services).stream())
                .toList();
        this.checks = segments.stream().map(Segment::services).distinct().toList();
    }

    /** The same with this limit to new connections to the doorman's own ports, or with none. */
    Rules limiting(Optional<Door> limited) {
        return new Rules(names, services, limited);
    }

    /** Writes the rules that admit the openings of these services, each beginning with {@code -A CHAIN}. */
    interface Admission {
        String rules(String chain, List<String> services, Side side);
    }

    /** Puts the guard in the place of what was there, in one transaction. */
    String install(Family family, Mangle before, Admission admission, String earlier) {
        StringBuilder text = new StringBuilder("*mangle\n");
        List<String> old = before.chains().stream()
                .filter(chain -> !ofNow().contains(chain))
                .toList();
        empty(text, old);
        empty(text, ofNow());
        checks(text, admission);
        text.append(earlier);
        text.append("-A " + names.last() + " -j DROP\n");
        judge(text);
        door.ifPresent(limited -> door(text, limited, family));
        guarded(text, names.guard(), names.here());
        text.append("-A " + names.here() + " " + family.transit() + " -j RETURN\n");
        text.append("-A " + names.here() + " -g " + names.judge() + "\n");
        guarded(text, names.in(), names.delivered());
        asWritten(text);
        text.append("-A " + names.delivered() + " -g " + names.judge() + "\n");
        deleteJumps(text, before);
        text.append("-I PREROUTING 1" + jump(names.guard()) + "\n");
        text.append("-I INPUT 1" + jump(names.in()) + "\n");
        if (outChain()) {
            afterCut(text);
            text.append("-I OUTPUT 1" + jump(names.out()) + "\n");
        }
        old.forEach(chain -> text.append("-X " + chain + "\n"));
        return text.append("COMMIT\n").toString();
    }

    /** Puts other openings in the place of those that were there; fails if somebody removed the jump to the guard. */
    String replaceOpenings(Family family, Admission admission) {
        StringBuilder text = new StringBuilder("*mangle\n-C PREROUTING" + jump(names.guard()) + "\n");
        text.append("-C INPUT" + jump(names.in()) + "\n");
        empty(text, checkChains());
        checks(text, admission);
        return text.append("COMMIT\n").toString();
    }

    /** Removes everything of the owner. */
    static String remove(Mangle before) {
        StringBuilder text = new StringBuilder("*mangle\n");
        empty(text, before.chains());
        deleteJumps(text, before);
        before.chains().forEach(chain -> text.append("-X " + chain + "\n"));
        return text.append("COMMIT\n").toString();
    }

    /** Lets pass who is in a set of one of the services. */
    Admission bySets(Family family, char generation) {
        return (chain, of, side) -> {
            StringBuilder text = new StringBuilder();
            for (String service : of) {
                text.append("-A " + chain + " -m set --match-set " + names.set(service, family, generation) + " "
                        + side.ofSet() + " -j RETURN\n");
            }
            return text.toString();
        };
    }

    /** Lets pass whom a rule of its own admits. */
    static Admission byRules(Family family, Collection<PlainOpening> openings) {
        return (chain, of, side) -> {
            StringBuilder text = new StringBuilder();
            openings.stream()
                    .filter(plain -> Family.of(plain.opening().source()) == family)
                    .filter(plain -> of.contains(plain.opening().service()))
                    .forEach(plain -> text.append(plain.rule(chain, side)));
            return text.toString();
        };
    }

    /**
     * Lets older connections pass that are in the set. No SYN, so that nothing new begins by it, whoever has that address
     * and port later.
     */
    String earlierBySet(Family family, char generation) {
        return "-A " + names.last() + OLDER + " -m set --match-set " + names.earlierSet(family, generation)
                + " src,src -j RETURN\n";
    }

    /** The same by a rule for each. */
    String earlierByRules(Family family, List<EarlierConnection> earlier) {
        StringBuilder text = new StringBuilder();
        for (EarlierConnection connection : earlier) {
            text.append("-A " + names.last() + " -s " + family.host(connection.source()) + OLDER + " --sport "
                    + connection.sourcePort() + " --dport " + connection.port() + " -j RETURN\n");
        }
        return text.toString();
    }

    /** Whether a connection to this TCP port that is older than the guard goes on. */
    boolean keepsTcp(int port) {
        PortRange single = PortRange.of(Protocol.TCP, port);
        return segments.stream().anyMatch(segment -> segment.ports().overlaps(single) && !cuts(segment.services()));
    }

    private void checks(StringBuilder text, Admission admission) {
        for (int i = 0; i < checks.size(); i++) {
            String chain = names.check(i + 1);
            text.append(admission.rules(chain, checks.get(i), Side.SENDER));
            text.append("-A " + chain + (cuts(checks.get(i)) ? " -j DROP\n" : " -g " + names.last() + "\n"));
        }
        for (int i : answering()) {
            text.append(admission.rules(names.answers(i + 1), checks.get(i), Side.RECEIVER));
            text.append("-A " + names.answers(i + 1) + " -j DROP\n");
        }
    }

    /** Which of the checks are of UDP ports that are cut. */
    private List<Integer> answering() {
        return IntStream.range(0, checks.size())
                .filter(i -> cuts(checks.get(i)))
                .filter(i -> !multiport(Protocol.UDP, checks.get(i)::equals).isEmpty())
                .boxed()
                .toList();
    }

    /** A port that one of its services cuts is cut: whose opening a connection came by is not known. */
    private boolean cuts(List<String> check) {
        return services.stream()
                .anyMatch(service -> service.established() == Established.CUT && check.contains(service.name()));
    }

    /** Leads what is to be judged to one chain, and lets the rest pass. */
    private void guarded(StringBuilder text, String chain, String target) {
        String established = "-A " + chain + " -m conntrack --ctstate ESTABLISHED";
        text.append("-A " + chain + " -i lo -j RETURN\n");
        if (checks.stream().anyMatch(this::cuts)) {
            // What comes in to these ports is judged packet by packet, and the answers to what went out from here pass.
            text.append(established + " --ctdir REPLY -j RETURN\n");
            dispatch(text, chain, this::cuts, target);
        }
        text.append(established + " -j RETURN\n");
        dispatch(text, chain, check -> !cuts(check), target);
    }

    /** The one way from the ports to their chains, for both hooks. */
    private void judge(StringBuilder text) {
        for (int i = 0; i < checks.size(); i++) {
            dispatch(text, names.judge(), checks.get(i)::equals, names.check(i + 1));
        }
    }

    private void dispatch(StringBuilder text, String chain, Predicate<List<String>> which, String target) {
        for (Protocol protocol : Protocol.values()) {
            for (String list : multiport(protocol, which)) {
                text.append(
                        "-A " + chain + " -p " + protocol + " -m multiport --dports " + list + " -g " + target + "\n");
            }
        }
    }

    /**
     * What came for a guarded port and goes by destination NAT to another one here is judged by the port that its sender wrote.
     * PREROUTING may have let it pass unjudged, as being for another host.
     */
    private void asWritten(StringBuilder text) {
        for (Segment segment : segments) {
            text.append("-A " + names.delivered() + " -p " + segment.ports().protocol()
                    + " -m conntrack --ctstate DNAT --ctorigdstport " + Multiport.text(segment.ports())
                    + " -g " + names.check(checks.indexOf(segment.services()) + 1) + "\n");
        }
    }

    /**
     * Leads what begins a connection there, before connections that are established pass: conntrack takes a SYN for a part of
     * one that the doorman has just reset, so that whoever uses his ports again would never be counted.
     */
    private void door(StringBuilder text, Door limited, Family family) {
        text.append(limited.chain(names, family));
        for (String list : Multiport.lists(limited.ranges())) {
            text.append("-A " + names.guard() + " -p tcp -m tcp --syn -m multiport --dports " + list + " -g "
                    + names.door() + "\n");
        }
    }

    private boolean outChain() {
        return checks.stream().anyMatch(this::cuts);
    }

    /**
     * Conntrack takes a connection that it has forgotten for one that its next sender began. Were that the server, still
     * sending to a peer that is cut off, the peer's packets would be answers, and pass. So it does not get that far: a
     * TCP connection of this host's own begins with a SYN, and UDP from these ports goes out only to who has an opening.
     */
    private void afterCut(StringBuilder text) {
        for (String list : multiport(Protocol.TCP, this::cuts)) {
            text.append(begins("tcp", list) + " -m tcp ! --tcp-flags SYN SYN -j DROP\n");
        }
        for (int i : answering()) {
            for (String list : multiport(Protocol.UDP, checks.get(i)::equals)) {
                text.append(begins("udp", list) + " -g " + names.answers(i + 1) + "\n");
            }
        }
    }

    private String begins(String protocol, String ports) {
        return "-A " + names.out() + " ! -o lo -p " + protocol + " -m multiport --sports " + ports
                + " -m conntrack --ctstate NEW";
    }

    /** The ports of these combinations of services, in lists that a rule can hold. */
    private List<String> multiport(Protocol protocol, Predicate<List<String>> which) {
        return Multiport.lists(segments.stream()
                .filter(segment -> which.test(segment.services()))
                .map(Segment::ports)
                .filter(range -> range.protocol() == protocol)
                .toList());
    }

    private List<String> ofNow() {
        List<String> chains = new ArrayList<>(
                List.of(names.guard(), names.here(), names.in(), names.delivered(), names.judge(), names.last()));
        chains.addAll(checkChains());
        if (outChain()) {
            chains.add(names.out());
        }
        if (door.isPresent()) {
            chains.add(names.door());
        }
        return chains;
    }

    /** The chains that openings are in. */
    private List<String> checkChains() {
        return Stream.concat(
                        IntStream.rangeClosed(1, checks.size()).mapToObj(names::check),
                        answering().stream().map(i -> names.answers(i + 1)))
                .toList();
    }

    private static String jump(String chain) {
        return " -m comment --comment openme -j " + chain;
    }

    private static void empty(StringBuilder text, Collection<String> chains) {
        chains.forEach(chain -> text.append(":" + chain + " - [0:0]\n"));
    }

    private static void deleteJumps(StringBuilder text, Mangle before) {
        before.jumps().forEach(rule -> text.append("-D" + rule.substring("-A".length()) + "\n"));
    }
}
