package io.openme.iptables;

import io.openme.exec.backend.EarlierConnection;
import io.openme.exec.backend.Sign;
import io.openme.spi.Change;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import io.openme.spi.Service;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes and reads the language of {@code ipset restore}. Pure: text from values, nothing else.
 *
 * <p>A service has a set of addresses for each family: an opening is one element, however many ports its service has.
 */
final class Sets {
    /** The most of older connections that are kept; it is the kernel's default. */
    static final int MOST_EARLIER = 65536;

    /** The kernel's longest timeout: its milliseconds fit into 31 bits. */
    private static final long LONGEST_SECONDS = Integer.MAX_VALUE / 1000;

    private static final Pattern ELEMENT = Pattern.compile("add (\\S+) ([0-9a-f:.]+) timeout (\\d+)");

    private final Names names;
    private final List<Service> services;
    private final int capacity;

    /**
     * @param maxOpenings what a set holds by our own count; the kernel's bound is twice that, so that elements which it has
     *     not yet collected never keep out what is within ours
     */
    Sets(Names names, List<Service> services, int maxOpenings) {
        this.names = names;
        this.services = services;
        this.capacity = 2 * maxOpenings;
    }

    /** Makes the sets of a generation that is not there yet, with these elements. */
    String create(char generation, Collection<Change.Open> openings, List<EarlierConnection> earlier) {
        StringBuilder text = new StringBuilder();
        for (Family family : Family.values()) {
            for (Service service : services) {
                text.append("create " + names.set(service.name(), family, generation) + " hash:ip family "
                        + family.ipset() + " timeout 0 maxelem " + capacity + "\n");
            }
            text.append("create " + names.earlierSet(family, generation) + " hash:ip,port family " + family.ipset()
                    + " maxelem " + MOST_EARLIER + "\n");
        }
        openings.stream().filter(open -> !isOver(open.lifetime())).forEach(open -> text.append(change(generation, open)));
        earlier.stream()
                .limit(MOST_EARLIER)
                .forEach(connection -> text.append(
                        "add " + names.earlierSet(Family.of(connection.source()), generation) + " "
                                + connection.source().getHostAddress() + ",tcp:" + connection.sourcePort() + "\n"));
        return text.toString();
    }

    /**
     * Applies changes. ipset stops at the first line that fails, and what came before stays done; so when there are several
     * sets, each is first asked for what it does not hold, so that a set which somebody destroyed fails before anything is
     * done.
     */
    String apply(char generation, Collection<? extends Change> changes) {
        StringBuilder text = new StringBuilder();
        List<String> touched = changes.stream()
                .map(change -> "del " + set(change.opening(), generation) + " "
                        + Family.of(change.opening().source()).nobody() + "\n")
                .distinct()
                .toList();
        if (touched.size() > 1) {
            touched.forEach(text::append);
        }
        changes.forEach(change -> text.append(change(generation, change)));
        return text.toString();
    }

    static String destroy(Collection<String> sets) {
        StringBuilder text = new StringBuilder();
        sets.forEach(set -> text.append("destroy " + set + "\n"));
        return text.toString();
    }

    /** Prints the elements of the sets. */
    static String save(Collection<String> sets) {
        StringBuilder text = new StringBuilder();
        sets.forEach(set -> text.append("save " + set + "\n"));
        return text.toString();
    }

    /** The openings in what {@link #save} prints. */
    Set<Opening> openings(String saved) {
        Set<Opening> openings = new HashSet<>();
        for (String line : (Iterable<String>) saved.lines()::iterator) {
            if (!line.startsWith("add ")) {
                continue;
            }
            Matcher element = ELEMENT.matcher(line);
            if (!element.matches()) {
                throw new FirewallException(
                        Reason.FAILED, "ipset lists an element that is none of ours: " + Sign.clean(line));
            }
            services.stream()
                    .map(Service::name)
                    .filter(service -> names.isSetOf(element.group(1), service))
                    .forEach(service -> openings.add(new Opening(PlainOpening.address(element.group(2)), service)));
        }
        return openings;
    }

    /** Whether a lifetime is over before the first tick: the kernel counts in seconds, and zero would be for ever. */
    static boolean isOver(Duration lifetime) {
        return lifetime.toSeconds() < 1;
    }

    private String change(char generation, Change change) {
        String element = set(change.opening(), generation) + " " + change.opening().source().getHostAddress();
        // Rounded down: nothing is open past its time.
        return change instanceof Change.Open open && !isOver(open.lifetime())
                ? "add " + element + " timeout " + Math.min(open.lifetime().toSeconds(), LONGEST_SECONDS) + "\n"
                : "del " + element + "\n";
    }

    private String set(Opening opening, char generation) {
        return names.set(opening.service(), Family.of(opening.source()), generation);
    }
}
