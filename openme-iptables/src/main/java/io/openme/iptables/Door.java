package io.openme.iptables;

import io.openme.exec.backend.UnitRate;
import io.openme.spi.DoorLimit;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.PortRange;
import io.openme.spi.Protocol;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Writes what limits new connections to the doorman's own ports. Pure, but for the question whether this host knows it.
 *
 * <p>Each source is an entry of a table of hashlimit, with a bucket of its own. One that has been silent for as long as a
 * bucket takes to fill is forgotten, which makes no difference to it.
 *
 * <p>When such a table is full, hashlimit drops whoever is not in it: forged sources would keep everybody out. So it must
 * never be. Before a source is looked up, one bucket for all lets no more through to it in a second than can be forgotten
 * again in time; what is beyond that is not limited. The doorman defends itself, too, and so many packets a second would
 * have to come from as many sources as there is room for.
 *
 * @param ports to which it applies
 * @param limit for each source
 */
record Door(SortedSet<Integer> ports, DoorLimit limit) {
    /** Some 35 MB of the kernel's memory for each table, if there ever are so many. */
    static final int MOST_SOURCES = 262_144;

    /** Between the end of an entry and its removal, and for the burst of the bucket for all. */
    private static final Duration SLACK = Duration.ofSeconds(3);

    private static final int BUCKETS = 16_384;
    private static final int NETWORK = 48;
    private static final long MICROS = 1_000_000;

    /** What is tried to find out whether the kernel can do it. */
    private static final Door SAMPLE = new Door(new TreeSet<>(Set.of(1)), new DoorLimit(1, Duration.ofSeconds(1)));

    /** Whether this host knows it. Changes nothing; where the host can't be asked, the install will tell. */
    static boolean isKnown(Tools tools, Names names, Rules rules) {
        try {
            for (Family family : tools.families()) {
                Rules limiting = rules.limiting(Optional.of(SAMPLE));
                tools.check(tools.restore(
                        family, limiting.install(family, Mangle.EMPTY, Rules.byRules(family, List.of()), "")));
            }
            return true;
        } catch (FirewallException e) {
            return e.reason() != Reason.NOT_SUPPORTED && e.reason() != Reason.STATE_LOST;
        }
    }

    /** The chain that judges a new connection to one of the ports. */
    String chain(Names names, Family family) {
        String chain = names.door();
        StringBuilder text = new StringBuilder("-A " + chain + " -i lo -j RETURN\n");
        text.append("-A " + chain + " " + family.transit() + " -j RETURN\n");
        text.append("-A " + chain + above(mostLookups() + "/second", mostLookups()) + " --hashlimit-name "
                + table(names, "all", mostLookups()) + " -j RETURN\n");
        for (int bits : family.sources()) {
            int connections = bits == NETWORK ? limit.connectionsOf48() : limit.connections();
            text.append(
                    "-A " + chain + above(UnitRate.of(connections, limit.per()).toString(), connections)
                            + " --hashlimit-mode srcip --hashlimit-srcmask " + bits + " --hashlimit-name "
                            + table(names, "" + bits, connections) + " --hashlimit-htable-size " + BUCKETS
                            + " --hashlimit-htable-max " + MOST_SOURCES + " --hashlimit-htable-expire "
                            + limit.per().toMillis() + " -j DROP\n");
        }
        return text.toString();
    }

    /** The ports, each by itself. */
    List<PortRange> ranges() {
        return ports.stream().map(port -> PortRange.of(Protocol.TCP, port)).toList();
    }

    /** How many sources a second, rounded down to what the kernel counts in, whole microseconds for each. */
    long mostLookups() {
        long micros = limit.per().plus(SLACK).toNanos() / 1000;
        return MICROS / ((micros + MOST_SOURCES - 1) / MOST_SOURCES);
    }

    /**
     * A rule that names a table which is there gets it as it is, and the rules of the guard before are still there when those
     * of the next one come. So another limit has another name.
     */
    private String table(Names names, String which, long connections) {
        return names.door() + "." + which + "." + connections + "."
                + limit.per().toMillis();
    }

    private static String above(String rate, long burst) {
        return " -m hashlimit --hashlimit-above " + rate + " --hashlimit-burst " + burst;
    }
}
