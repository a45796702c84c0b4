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
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Writes what {@code iptables-restore} reads, the same for both families. Pure: text from values, nothing else.
 *
 * <p>PREROUTING of mangle comes after connection tracking and before destination NAT, so that a packet for a published port
 * of a container still has the port that the sender wrote. Its first rule jumps to the guard, which leads what is for a
 * guarded port to a chain for the combination of services that hold it; that chain lets pass (by RETURN, to whatever else
 * the host has in mangle) who has an opening of one of them. A match on ports that a packet is too short to hold drops it.
 *
 * <p>A connection that is established passes before any of that, unless it leads to a port of a service that cuts
 * connections: what comes in to one is judged as if it were the first packet, so that a connection dies with its opening by
 * the kernel alone. Which side began it tells conntrack.
 */
final class Rules {
    /** The kernel's limit for a multiport match; a range counts twice. */
    private static final int MOST_PORTS = 15;

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
    interface Admission extends BiFunction<String, List<String>, String> {}

    /** Puts the guard in the place of what was there, in one transaction. */
    String install(Family family, Mangle before, Admission admission, String earlier) {
        StringBuilder text = new StringBuilder("*mangle\n");
        List<String> old =
                before.chains().stream().filter(chain -> !isOfNow(chain)).toList();
        empty(text, old);
        text.append(":" + names.guard() + " - [0:0]\n");
        text.append(":" + names.last() + " - [0:0]\n");
        checks(text, family, admission);
        text.append(earlier);
        text.append("-A " + names.last() + " -j DROP\n");
        door.ifPresent(limited -> door(text, limited, family));
        String established = "-A " + names.guard() + " -m conntrack --ctstate RELATED,ESTABLISHED";
        if (checks.stream().anyMatch(this::cuts)) {
            // What comes in to these ports is judged packet by packet, and the answers to what went out from here pass.
            text.append(established + " --ctdir REPLY -j RETURN\n");
            dispatch(text, this::cuts);
        }
        text.append(established + " -j RETURN\n");
        dispatch(text, check -> !cuts(check));
        deleteJumps(text, before);
        text.append("-I PREROUTING 1" + jump(names.guard()) + "\n");
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
        checks(text, family, admission);
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
        return (chain, of) -> {
            StringBuilder text = new StringBuilder();
            for (String service : of) {
                text.append("-A " + chain + " -m set --match-set " + names.set(service, family, generation)
                        + " src -j RETURN\n");
            }
            return text.toString();
        };
    }

    /** Lets pass whom a rule of its own admits. */
    static Admission byRules(Family family, Collection<PlainOpening> openings) {
        return (chain, of) -> {
            StringBuilder text = new StringBuilder();
            openings.stream()
                    .filter(plain -> Family.of(plain.opening().source()) == family)
                    .filter(plain -> of.contains(plain.opening().service()))
                    .forEach(plain -> text.append(plain.rule(chain)));
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

    private void checks(StringBuilder text, Family family, Admission admission) {
        for (int i = 0; i < checks.size(); i++) {
            String chain = names.check(i + 1);
            text.append(":" + chain + " - [0:0]\n");
            text.append("-A " + chain + " -i lo -j RETURN\n");
            text.append("-A " + chain + " " + family.transit() + " -j RETURN\n");
            text.append(admission.apply(chain, checks.get(i)));
            text.append("-A " + chain + (cuts(checks.get(i)) ? " -j DROP\n" : " -g " + names.last() + "\n"));
        }
    }

    /** A port that one of its services cuts is cut: whose opening a connection came by is not known. */
    private boolean cuts(List<String> check) {
        return services.stream()
                .anyMatch(service -> service.established() == Established.CUT && check.contains(service.name()));
    }

    private void dispatch(StringBuilder text, Predicate<List<String>> which) {
        for (Protocol protocol : Protocol.values()) {
            checks.stream().filter(which).forEach(check -> {
                for (String list : multiport(protocol, check::equals)) {
                    text.append("-A " + names.guard() + " -p " + protocol + " -m multiport --dports " + list + " -g "
                            + names.check(checks.indexOf(check) + 1) + "\n");
                }
            });
        }
    }

    /**
     * Leads what begins a connection there, before connections that are established pass: conntrack takes a SYN for a part of
     * one that the doorman has just reset, so that whoever uses his ports again would never be counted.
     */
    private void door(StringBuilder text, Door limited, Family family) {
        text.append(limited.chain(names, family));
        for (String list : multiport(limited.ranges())) {
            text.append("-A " + names.guard() + " -p tcp -m tcp --syn -m multiport --dports " + list + " -g "
                    + names.door() + "\n");
        }
    }

    private boolean outChain() {
        return !multiport(Protocol.TCP, this::cuts).isEmpty();
    }

    /**
     * Conntrack takes a connection that it has forgotten for one that its next sender began. Were that the server, still
     * sending to a peer that is cut off, the peer's packets would be answers, and pass. So it does not get that far: a
     * connection of this host's own begins with a SYN.
     */
    private void afterCut(StringBuilder text) {
        text.append(":" + names.out() + " - [0:0]\n");
        for (String list : multiport(Protocol.TCP, this::cuts)) {
            text.append("-A " + names.out() + " ! -o lo -p tcp -m multiport --sports " + list
                    + " -m conntrack --ctstate NEW -m tcp ! --tcp-flags SYN SYN -j DROP\n");
        }
    }

    /** The ports of these combinations of services, in lists that a rule can hold. */
    private List<String> multiport(Protocol protocol, Predicate<List<String>> which) {
        return multiport(segments.stream()
                .filter(segment -> which.test(segment.services()))
                .map(Segment::ports)
                .filter(range -> range.protocol() == protocol)
                .toList());
    }

    private static List<String> multiport(List<PortRange> ranges) {
        List<String> lists = new ArrayList<>();
        StringBuilder list = new StringBuilder();
        int used = 0;
        for (PortRange range : ranges) {
            boolean single = range.first() == range.last();
            int needed = single ? 1 : 2;
            if (used + needed > MOST_PORTS) {
                lists.add(list.toString());
                list.setLength(0);
                used = 0;
            }
            list.append(used == 0 ? "" : ",").append(range.first()).append(single ? "" : ":" + range.last());
            used += needed;
        }
        if (used > 0) {
            lists.add(list.toString());
        }
        return lists;
    }

    private boolean isOfNow(String chain) {
        return chain.equals(names.guard())
                || chain.equals(names.last())
                || (chain.equals(names.out()) && outChain())
                || (chain.equals(names.door()) && door.isPresent())
                || Stream.iterate(1, i -> i <= checks.size(), i -> i + 1)
                        .map(names::check)
                        .anyMatch(chain::equals);
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
