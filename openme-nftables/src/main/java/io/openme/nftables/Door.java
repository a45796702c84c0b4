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
 * Writes what limits new connections to the doorman's own ports, and how long conntrack remembers those. Pure, but for the
 * question what this host knows.
 *
 * <p>Each source is an element of a set, with a bucket of its own. One that has been silent for as long as a bucket takes to
 * fill is forgotten, which makes no difference to it. A set that is full, as forged sources can make it, takes no new one: a
 * rule that finds no bucket does not match, and the packet goes on. So the limit can be overrun, but it never keeps out
 * those whom it has no room for; and the kernel's memory is bounded, to some 15 MB for each set.
 *
 * <p>Conntrack keeps a connection for two minutes after its end, and has one table for all of the host: some 2,000
 * connections a second, which cost a sender and a doorman next to nothing, fill a table of 262,144 for good, and then no
 * new connection of anybody's comes in by any port. So those of these ports are forgotten as soon as they end.
 *
 * @param ports to which it applies
 * @param limit for each source
 * @param forgetting whether the kernel can be told how long to remember
 */
record Door(SortedSet<Integer> ports, DoorLimit limit, boolean forgetting) {
    private static final int MOST_SOURCES = 65_536;

    /**
     * Seconds. Longer than either side waits for the other's answer in that state, and than a doorman serves anybody; a
     * packet that comes later is taken for the first of a connection, and passes.
     */
    private static final String REMEMBERED = "syn_sent : 10, syn_recv : 10, established : 120, fin_wait : 10,"
            + " close_wait : 10, last_ack : 10, time_wait : 1, close : 1";

    /** What is tried to find out whether the kernel can do it. */
    private static final Door SAMPLE =
            new Door(new TreeSet<>(Set.of(1)), new DoorLimit(1, Duration.ofSeconds(1)), true);

    /** What a kernel without it says; it means something else where there is a table to be missing. */
    private static final Set<Reason> UNKNOWN = Set.of(Reason.NOT_SUPPORTED, Reason.STATE_LOST, Reason.REJECTED);

    /** What of it this host knows: all, the limit alone, or nothing. */
    enum Known {
        ALL,
        LIMIT,
        NOTHING
    }

    /** What this host knows of it. Changes nothing; where the host can't be asked, the install will tell. */
    static Known known(Ruleset ruleset, Nft nft) {
        if (isKnown(SAMPLE, ruleset, nft)) {
            return Known.ALL;
        }
        Door limit = new Door(SAMPLE.ports, SAMPLE.limit, false);
        return isKnown(limit, ruleset, nft) ? Known.LIMIT : Known.NOTHING;
    }

    private static boolean isKnown(Door door, Ruleset ruleset, Nft nft) {
        try {
            nft.check(ruleset.limiting(Optional.of(door)).install(List.of(), List.of()));
            return true;
        } catch (FirewallException e) {
            return !UNKNOWN.contains(e.reason());
        }
    }

    /** The sets, for the table. */
    String sets() {
        return "  # who connects to the doorman's own port\n" + set("door-32", "ipv4") + set("door-64", "ipv6")
                + set("door-48", "ipv6") + (forgetting ? remembered("ipv4", "ip") + remembered("ipv6", "ip6") : "");
    }

    private String set(String name, String family) {
        return "  set " + name + " { type " + family + "_addr; flags dynamic, timeout; timeout "
                + Lifetime.text(limit.per()) + "; size " + MOST_SOURCES + "; }\n";
    }

    private static String remembered(String family, String protocol) {
        return "  ct timeout door-" + family + " {\n    protocol tcp; l3proto " + protocol + "\n    policy = { "
                + REMEMBERED + " }\n  }\n";
    }

    /** The chain that judges what leads to the ports. */
    String chain() {
        return "  chain door {\n"
                + "    iif \"lo\" accept\n"
                + "    fib daddr type unicast accept\n" // on its way to another host
                + dropAbove("door-32", "ip saddr", limit.connections())
                + dropAbove("door-64", "ip6 saddr & ffff:ffff:ffff:ffff::", limit.connections())
                + dropAbove("door-48", "ip6 saddr & ffff:ffff:ffff::", limit.connectionsOf48())
                + (forgetting ? forget("ipv4") + forget("ipv6") : "")
                + "  }\n";
    }

    private String dropAbove(String set, String source, int connections) {
        return "    update @" + set + " { " + source + " limit rate over " + UnitRate.of(connections, limit.per())
                + " burst " + connections + " packets } counter drop\n";
    }

    private static String forget(String family) {
        return "    ct state new meta nfproto " + family + " ct timeout set \"door-" + family + "\"\n";
    }

    /**
     * The rules that lead there whatever begins a connection. They come before connections that are established pass:
     * conntrack takes a SYN for a part of one that the doorman has just reset, so that whoever uses his ports again would never
     * be counted. And it takes any packet of a connection that it does not know for the first of one.
     */
    String jump() {
        String to = "    tcp dport { " + ports.stream().map(String::valueOf).collect(Collectors.joining(", ")) + " } ";
        return to + "tcp flags & (fin | syn | rst | ack) == syn goto door\n" + to + "ct state new goto door\n";
    }
}
