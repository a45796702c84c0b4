package io.openme.nftables;

import io.openme.spi.Change;
import io.openme.spi.Opening;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes what comes and what goes in one transaction. Pure. Each opening may be named once.
 *
 * <p>All elements of a set share one command: a command of its own for each costs nft twice the time for those that come,
 * three times for those that go, and the kernel's one message several times the room.
 */
final class Elements {
    private final String table;
    /** By the name of the set, elements as nft reads them. */
    private final Map<String, List<String>> going = new TreeMap<>();

    private final Map<String, List<String>> coming = new TreeMap<>();

    Elements(String table) {
        this.table = table;
    }

    /** Admits what is certainly not admitted yet. */
    Elements open(Change.Open open) {
        add(coming, open.opening(), " timeout " + Lifetime.text(open.lifetime()));
        return this;
    }

    /** Admits no longer; no error if it was not. */
    Elements close(Opening opening) {
        add(going, opening, "");
        return this;
    }

    /** Admits with a new lifetime what may be admitted already. */
    Elements renew(Change.Open open) {
        return close(open.opening()).open(open);
    }

    /** The commands; empty if there is nothing to do. */
    String text() {
        StringBuilder text = new StringBuilder();
        going.forEach((set, elements) -> {
            // What is not there can't be deleted.
            command(text, "add", set, elements, " timeout 1s");
            command(text, "delete", set, elements, "");
        });
        coming.forEach((set, elements) -> command(text, "add", set, elements, ""));
        return text.toString();
    }

    private void command(StringBuilder text, String verb, String set, List<String> elements, String suffix) {
        text.append(verb + " element " + table + " " + set + " { ")
                .append(String.join(suffix + ", ", elements))
                .append(suffix)
                .append(" }\n");
    }

    private static void add(Map<String, List<String>> sets, Opening opening, String suffix) {
        String family = opening.source() instanceof Inet4Address ? "-ipv4" : "-ipv6";
        sets.computeIfAbsent(opening.service() + family, set -> new ArrayList<>())
                .add(opening.source().getHostAddress() + suffix);
    }
}
