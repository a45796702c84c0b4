package io.openme.testkit;

import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import io.openme.spi.Protocol;
import io.openme.spi.Service;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A host with a packet filter and a clock in memory. The filter reads scripts of lines, each as a whole or not at all:
 *
 * <pre>
 * remove OWNER                        all guards and openings of the owner
 * guard OWNER SERVICE MOST PORTS...   closes a service that takes so many openings of each family
 * open OWNER SERVICE ADDRESS NANOS    from now on
 * close OWNER SERVICE ADDRESS
 * </pre>
 */
final class ModelHost implements HostUnderTest {
    private static final Map<String, ModelHost> HOSTS = new ConcurrentHashMap<>();

    /** How long a gap waits to be noticed, where nobody asks. */
    private static final Duration UNNOTICED = Duration.ofMillis(20);

    private final Model model;
    private final String name = "host-" + System.identityHashCode(this);
    private final AtomicLong nanoTime = new AtomicLong();
    private final AtomicLong asked = new AtomicLong();
    private final Set<Opening> history = ConcurrentHashMap.newKeySet();
    private volatile Filter filter = new Filter();
    private volatile String latestInput = "";

    ModelHost(Model model) {
        this.model = model;
        HOSTS.put(name, this);
    }

    static ModelHost named(String name) {
        ModelHost host = HOSTS.get(name);
        if (host == null) {
            throw new FirewallException(Reason.MISCONFIGURED, "no host is named " + name);
        }
        return host;
    }

    /** What the filter holds; never changed once it is in use. */
    private static final class Filter {
        private final Map<String, String> guards = new TreeMap<>();
        private final Map<String, Map<Opening, Long>> openings = new TreeMap<>();

        Filter copy() {
            Filter copy = new Filter();
            copy.guards.putAll(guards);
            openings.forEach((owner, map) -> copy.openings.put(owner, new LinkedHashMap<>(map)));
            return copy;
        }

        Map<Opening, Long> of(String owner) {
            return openings.computeIfAbsent(owner, o -> new LinkedHashMap<>());
        }
    }

    /** Changes the filter as a whole, or throws what says why it did not. */
    void run(String script) {
        latestInput = script;
        Filter changed = filter.copy();
        script.lines().forEach(line -> run(changed, line.split(" ", 5)));
        filter = changed;
        history.addAll(inFilter());
    }

    private void run(Filter filter, String[] words) {
        String owner = words[1];
        switch (words[0]) {
            case "remove" -> {
                filter.guards.keySet().removeIf(guard -> guard.startsWith(owner + " "));
                filter.openings.remove(owner);
            }
            case "guard" -> filter.guards.put(owner + " " + words[2], words[3] + " " + words[4]);
            case "open" -> open(filter, owner, opening(words), Long.parseLong(words[4]));
            case "close" -> filter.of(owner).remove(opening(words));
            default -> throw new IllegalArgumentException(String.join(" ", words));
        }
    }

    private static Opening opening(String[] words) {
        return new Opening(ContractFixture.address(words[3]), words[2]);
    }

    private void open(Filter filter, String owner, Opening opening, long lifetime) {
        String guard = filter.guards.get(owner + " " + opening.service());
        if (guard == null) {
            throw new FirewallException(Reason.STATE_LOST, "no guard for " + opening + " of " + owner);
        }
        Map<Opening, Long> openings = filter.of(owner);
        openings.put(opening, nanoTime() + Math.min(lifetime, Long.MAX_VALUE / 2));
        long same = openings.keySet().stream()
                .filter(other -> other.service().equals(opening.service()))
                .filter(other -> other.source() instanceof Inet4Address == opening.source() instanceof Inet4Address)
                .count();
        if (same > Long.parseLong(guard.split(" ", 2)[0])) {
            throw new FirewallException(Reason.REJECTED, "no room for " + opening);
        }
    }

    Set<Opening> openings(String owner) {
        return filter.openings.getOrDefault(owner, Map.of()).entrySet().stream()
                .filter(entry -> entry.getValue() > nanoTime())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** Those of every owner, even if their time is over. */
    Set<Opening> inFilter() {
        return filter.openings.values().stream()
                .flatMap(map -> map.keySet().stream())
                .collect(Collectors.toSet());
    }

    /** Those of every owner that have ever been there. */
    Set<Opening> history() {
        return history;
    }

    Set<String> owners() {
        return filter.guards.keySet().stream()
                .map(guard -> guard.split(" ", 2)[0])
                .collect(Collectors.toSet());
    }

    String guards(String owner) {
        return filter.guards.entrySet().stream()
                .filter(guard -> guard.getKey().startsWith(owner + " "))
                .map(Object::toString)
                .collect(Collectors.joining("\n"));
    }

    /** A packet that comes while the filter is between two states is judged by what there is. */
    void gap() {
        long before = asked.get();
        long end = System.nanoTime() + UNNOTICED.toNanos();
        while (asked.get() < before + 2 && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    /** A service that nobody guards is reached by everybody. */
    boolean reaches(InetAddress source, Service service) {
        Filter now = filter;
        boolean reaches = now.guards.keySet().stream()
                .map(guard -> guard.split(" ", 2))
                .filter(guard -> guard[1].equals(service.name()))
                .allMatch(guard -> now.openings
                                .getOrDefault(guard[0], Map.of())
                                .getOrDefault(new Opening(source, service.name()), Long.MIN_VALUE)
                        > nanoTime());
        asked.incrementAndGet();
        return reaches;
    }

    @Override
    public Map<String, String> options() {
        return Map.of("host", name);
    }

    @Override
    public void clear() {
        filter = new Filter();
        history.clear();
    }

    @Override
    public Optional<String> state() {
        return Optional.of(filter.guards.toString());
    }

    @Override
    public Optional<Reach> reach() {
        return model.reach(this);
    }

    @Override
    public Map<String, Runnable> damages() {
        return Map.of(
                "removes everything", this::clear,
                "removes a guard", () -> edit(guards -> guards.remove("openme ssh")),
                "changes a guard", () -> edit(guards -> guards.replaceAll((guard, ports) -> ports + "0")));
    }

    private void edit(Consumer<Map<String, String>> edit) {
        Filter changed = filter.copy();
        edit.accept(changed.guards);
        filter = changed;
    }

    @Override
    public Map<Reason, Map<String, String>> failures() {
        return Map.of(
                Reason.NOT_INSTALLED, Map.of("user", "stranger"),
                Reason.NOT_PERMITTED, Map.of("user", "nobody"),
                Reason.MISCONFIGURED, Map.of("most", "many"),
                Reason.REJECTED, Map.of("most", "1"));
    }

    @Override
    public Optional<String> latestInput() {
        return Optional.of(latestInput);
    }

    @Override
    public Set<Protocol> protocols() {
        return EnumSet.of(Protocol.TCP);
    }

    @Override
    public int many() {
        return 500;
    }

    @Override
    public long nanoTime() {
        return nanoTime.get();
    }

    @Override
    public void pass(Duration time) {
        nanoTime.addAndGet(time.toNanos());
    }
}
