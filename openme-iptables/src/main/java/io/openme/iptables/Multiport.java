package io.openme.iptables;

import io.openme.spi.PortRange;
import java.util.ArrayList;
import java.util.List;

/** Writes ports as the match multiport takes them. */
final class Multiport {
    /** The kernel's limit for one match; a range counts twice. */
    private static final int MOST_PORTS = 15;

    private Multiport() {}

    /** The ranges in as many lists as it takes. */
    static List<String> lists(List<PortRange> ranges) {
        List<String> lists = new ArrayList<>();
        StringBuilder list = new StringBuilder();
        int used = 0;
        for (PortRange range : ranges) {
            int needed = range.first() == range.last() ? 1 : 2;
            if (used + needed > MOST_PORTS) {
                lists.add(list.toString());
                list.setLength(0);
                used = 0;
            }
            list.append(used == 0 ? "" : ",").append(text(range));
            used += needed;
        }
        if (used > 0) {
            lists.add(list.toString());
        }
        return lists;
    }

    static String text(PortRange ports) {
        return ports.first() == ports.last() ? "" + ports.first() : ports.first() + ":" + ports.last();
    }
}
