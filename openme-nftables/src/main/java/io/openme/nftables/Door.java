package io.openme.nftables;

import io.openme.exec.backend.UnitRate;
import io.openme.spi.DoorLimit;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Writes what limits new connections to the doorman's own ports. Pure, but for the question whether this host knows it.
 *
 * <p>Each source is an element of a set, with a bucket of its own. One that has been silent for as long as a bucket takes to
 * fill is forgotten, which makes no difference to it. A set that is full, as forged sources can make it, takes no new one: a
 * rule that finds no bucket does not match, and the packet goes on. So the limit can be overrun, but it never keeps out
 * those whom it has no room for; and the kernel's memory is bounded, to some 15 MB for each set.
 *
 * @param ports to which it applies
 * @param limit for each source
 */
record Door(SortedSet<Integer> ports, DoorLimit limit) {
    private static final int MOST_SOURCES = 65_536;

    /** What is tried to find out whether the kernel can do it. */
    private static final Door SAMPLE = new Door(new TreeSet<>(Set.of(1)), new DoorLimit(1, Duration.ofSeconds(1)));

    /** What a kernel without it says; it means something else where there is a table to be missing. */
    private static final Set<Reason> UNKNOWN = Set.of(Reason.NOT_SUPPORTED, Reason.STATE_LOST, Reason.REJECTED);

    /** Whether this host knows it. Changes nothing; where the host can't be asked, the install will tell. */
    static boolean isKnown(Ruleset ruleset, Nft nft) {
        try {
            nft.check(ruleset.limiting(Optional.of(SAMPLE)).install(List.of(), List.of()));
            return true;
        } catch (FirewallException e) {
            return !UNKNOWN.contains(e.reason());
        }
    }

    /** The sets, for the table. */
    String sets() {
        return "  # who connects to the doorman's own port\n" + set("door-32", "ipv4") + set("door-64", "ipv6")
                + set("door-48", "ipv6");
    }

    private String set(String name, String family) {
        return "  set " + name + " { type " + family + "_addr; flags dynamic, timeout; timeout "
                + Lifetime.text(limit.per()) + "; size " + MOST_SOURCES + "; }\n";
    }

    /** The chain that judges what leads to the ports. */
    String chain() {
        return "  chain door {\n"
                + "    iif \"lo\" accept\n"
                + "    fib daddr type unicast accept\n" // on its way to another host
                + dropAbove("door-32", "ip saddr", limit.connections())
                + dropAbove("door-64", "ip6 saddr & ffff:ffff:ffff:ffff::", limit.connections())
                + dropAbove("door-48", "ip6 saddr & ffff:ffff:ffff::", limit.connectionsOf48())
                + "  }\n";
    }

    private String dropAbove(String set, String source, int connections) {
        return "    update @" + set + " { " + source + " limit rate over " + UnitRate.of(connections, limit.per())
                + " burst " + connections + " packets } counter drop\n";
    }

    /**
     * The rule that leads there whatever begins a connection. It comes before connections that are established pass: conntrack
     * takes a SYN for a part of one that the doorman has just reset, so that whoever uses his ports again would never be
     * counted.
     */
    String jump() {
        return "    tcp dport { " + ports.stream().map(String::valueOf).collect(Collectors.joining(", "))
                + " } tcp flags & (fin | syn | rst | ack) == syn goto door\n";
    }
}
