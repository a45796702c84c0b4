package io.openme.iptables;

import io.openme.exec.backend.EarlierConnection;
import io.openme.exec.backend.HostAddress;
import io.openme.exec.backend.Sign;
import io.openme.spi.Change;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import io.openme.spi.Service;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes and reads the language of {@code ipset restore}. Pure: text from values, nothing else.
 *
 * <p>A service has a set of addresses for each family: an opening is one element, however many ports its service has. An
 * element for {@linkplain Family#nobody() nobody} marks a set as sound: without that, somebody flushed it.
 */
final class Sets {
    /** The most of older connections that are kept; it is the kernel's default. */
    static final int MOST_EARLIER = 65536;

    /** The kernel's longest timeout: its milliseconds fit into 31 bits. */
    private static final long LONGEST_SECONDS = Integer.MAX_VALUE / 1000;

    private static final Pattern ELEMENT = Pattern.compile("add (\\S+) ([0-9a-f:.]+) timeout \\d+");

    private static final Pattern NAME = Pattern.compile("Name: (\\S+)");
    private static final Pattern ENTRIES = Pattern.compile("Number of entries: (\\d{1,9})");

    private final Names names;
    private final List<Service> services;
    private final int capacity;

    /**
     * @param maxOpenings what a set holds by our own count; the kernel's bound is twice that and one, so that neither elements
     *     which it has not yet collected nor the mark ever keep out what is within ours
     */
    Sets(Names names, List<Service> services, int maxOpenings) {
        this.names = names;
        this.services = services;
        this.capacity = 2 * maxOpenings + 1;
    }

    /** Makes the sets of a generation that is not there yet, with these elements, each of them once. */
    String create(char generation, Collection<Change.Open> openings, List<EarlierConnection> earlier) {
        StringBuilder text = new StringBuilder();
        for (Family family : Family.values()) {
            for (Service service : services) {
                String set = names.set(service.name(), family, generation);
                text.append("create " + set + " hash:ip family " + family.ipset() + " timeout 0 maxelem " + capacity
                        + "\n");
                text.append("add " + set + " " + family.nobody() + " timeout 0\n");
            }
            text.append("create " + names.earlierSet(family, generation) + " hash:ip,port family " + family.ipset()
                    + " maxelem " + MOST_EARLIER + "\n");
        }
        openings.stream().filter(Sets::opens).forEach(open -> text.append(change(generation, open)));
        earlier.stream()
                .map(connection -> "add " + names.earlierSet(Family.of(connection.source()), generation) + " "
                        + connection.source().getHostAddress() + ",tcp:" + connection.sourcePort() + "\n")
                .distinct()
                .limit(MOST_EARLIER)
                .forEach(text::append);
        return text.toString();
    }

    /**
     * Applies changes, each of another opening. ipset stops at the first line that fails, and what came before stays done.
     * So several sets are looked at first, that one which somebody destroyed fails before anything is done; and what closes
     * comes before what opens.
     */
    String apply(char generation, Collection<? extends Change> changes) {
        List<String> touched = changes.stream()
                .map(change -> set(change.opening(), generation))
                .distinct()
                .toList();
        StringBuilder text = new StringBuilder(touched.size() > 1 ? heads(touched) : "");
        changes.stream().filter(change -> !opens(change)).forEach(change -> text.append(change(generation, change)));
        changes.stream().filter(Sets::opens).forEach(change -> text.append(change(generation, change)));
        return text.toString();
    }

    static String destroy(Collection<String> sets) {
        return lines("destroy ", sets, "");
    }

    /** Prints what the sets are and how many elements they have; fails if one is not there. */
    static String heads(Collection<String> sets) {
        return lines("list ", sets, " -t");
    }

    /**
     * Whether each set that {@link #heads} prints has its mark and all of these openings. Of a set that somebody flushed, what
     * has been opened since does not hide that: the mark is missing still.
     */
    boolean holdAll(String heads, char generation, Collection<Opening> openings) {
        Map<String, Integer> least = new HashMap<>();
        names(generation).forEach(set -> least.put(set, 1));
        openings.stream()
                .filter(opening -> !isNobody(opening.source()))
                .forEach(opening -> least.merge(set(opening, generation), 1, Integer::sum));
        String set = "";
        for (String line : (Iterable<String>) heads.lines()::iterator) {
            Matcher name = NAME.matcher(line);
            Matcher entries = ENTRIES.matcher(line);
            if (name.matches()) {
                set = name.group(1);
            } else if (entries.matches() && Integer.parseInt(entries.group(1)) >= least.getOrDefault(set, 1)) {
                least.remove(set);
            }
        }
        return least.isEmpty();
    }

    /** Prints the elements of the sets. */
    static String save(Collection<String> sets) {
        return lines("save ", sets, "");
    }

    /** The names of all sets. */
    List<String> allNames(char generation) {
        Stream<String> earlier = Stream.of(Family.values()).map(family -> names.earlierSet(family, generation));
        return Stream.concat(names(generation).stream(), earlier).toList();
    }

    /** The names of the sets of openings. */
    List<String> names(char generation) {
        return Stream.of(Family.values())
                .flatMap(family -> services.stream().map(service -> names.set(service.name(), family, generation)))
                .toList();
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
            InetAddress source = address(element.group(2));
            services.stream()
                    .map(Service::name)
                    .filter(service -> names.isSetOf(element.group(1), service))
                    .filter(service -> !isNobody(source))
                    .forEach(service -> openings.add(new Opening(source, service)));
        }
        return openings;
    }

    static InetAddress address(String literal) {
        return HostAddress.parse(literal)
                .orElseThrow(() ->
                        new FirewallException(Reason.FAILED, "ipset lists what is no address: " + Sign.clean(literal)));
    }

    /** Whether a lifetime is over before the first tick: the kernel counts in seconds, and zero would be for ever. */
    static boolean isOver(Duration lifetime) {
        return lifetime.toSeconds() < 1;
    }

    private static boolean opens(Change change) {
        return change instanceof Change.Open open && !isOver(open.lifetime());
    }

    private String change(char generation, Change change) {
        InetAddress source = change.opening().source();
        if (isNobody(source)) {
            return ""; // is there already, and has to stay
        }
        String element = set(change.opening(), generation) + " " + source.getHostAddress();
        // Rounded down: nothing is open past its time.
        return change instanceof Change.Open open && opens(open)
                ? "add " + element + " timeout " + Math.min(open.lifetime().toSeconds(), LONGEST_SECONDS) + "\n"
                : "del " + element + "\n";
    }

    private String set(Opening opening, char generation) {
        return names.set(opening.service(), Family.of(opening.source()), generation);
    }

    private static boolean isNobody(InetAddress source) {
        return source.getHostAddress().equals(Family.of(source).nobody());
    }

    private static String lines(String before, Collection<String> sets, String after) {
        return sets.stream().map(set -> before + set + after + "\n").collect(Collectors.joining());
    }
}
