package io.openme.examples.haproxy;

import io.openme.protocol.IpLiteral;
import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/** Keeps the maps of one owner: one for each service, in a directory of its own. */
final class HaproxyFirewall implements Firewall {
    /** Matches every source; HAProxy prefers the entry of a single address. */
    private static final List<String> EVERYBODY = List.of("0.0.0.0/0", "::/0");

    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final FirewallContext context;
    private final Path socket;
    private final Path directory;
    private final Clock clock;
    private String guard = "";
    private boolean touched;
    private boolean closed;

    HaproxyFirewall(FirewallContext context, Path socket, Path directory, Clock clock) {
        this.context = context;
        this.socket = socket;
        this.directory = directory;
        this.clock = clock;
    }

    /** Not ATOMIC, since each map is committed for itself; not CUT, since HAProxy asks only for new connections. */
    @Override
    public Set<Capability> capabilities() {
        return EnumSet.of(Capability.ENFORCING, Capability.KERNEL_EXPIRY);
    }

    @Override
    public void install(List<Change.Open> openings) {
        check(openings);
        // Everybody's time was over some day in January 1970. The day tells this guard from any other, such as that of
        // the files, which HAProxy reads again when it is reloaded.
        String day = "" + ThreadLocalRandom.current().nextInt(1, 1_000_000_000);
        Map<Path, Map<String, String>> maps = new LinkedHashMap<>();
        for (String service : context.serviceNames()) {
            EVERYBODY.forEach(all -> of(maps, service).put(all, day));
        }
        openings.forEach(open -> of(maps, open.opening().service()).put(key(open.opening()), until(open)));
        replace(maps);
        guard = day;
    }

    private Map<String, String> of(Map<Path, Map<String, String>> maps, String service) {
        return maps.computeIfAbsent(map(service), map -> new LinkedHashMap<>());
    }

    /** Replaces every map of this owner: those that are not given become empty. */
    private void replace(Map<Path, Map<String, String>> wanted) {
        try (HaproxySocket haproxy = HaproxySocket.connect(socket)) {
            Map<Path, String> versions = new HashMap<>();
            for (Path map : wanted.isEmpty() ? maps(haproxy) : mapsToGuard(haproxy)) {
                // A new version is filled while HAProxy goes on with the old one, and then takes its place at once.
                String version = haproxy.ask("prepare map " + map).replaceFirst(".*: ", "@");
                versions.put(map, version);
                wanted.getOrDefault(map, Map.of())
                        .forEach((key, until) ->
                                haproxy.tell("add map " + version + " " + map + " " + key + " " + until));
            }
            touched = true;
            versions.forEach((map, version) -> haproxy.tell("commit map " + version + " " + map));
        }
    }

    @Override
    public void apply(List<? extends Change> changes) {
        check(changes);
        try (HaproxySocket haproxy = HaproxySocket.connect(socket)) {
            for (Change change : changes) {
                String entry = map(change.opening().service()) + " " + key(change.opening());
                if (change instanceof Change.Open open) {
                    // To delete it and add it anew would keep the source out meanwhile.
                    if (!haproxy.tell("set map " + entry + " " + until(open), "entry not found.")) {
                        haproxy.tell("add map " + entry + " " + until(open));
                    }
                } else {
                    haproxy.tell("del map " + entry, "Key not found.");
                }
            }
        }
    }

    @Override
    public Set<Opening> openings() {
        try (HaproxySocket haproxy = HaproxySocket.connect(socket)) {
            Set<Opening> openings = new HashSet<>();
            for (Path map : maps(haproxy)) {
                String service = map.getFileName().toString().replace(".map", "");
                haproxy.ask("show map " + map)
                        .lines()
                        .map(line -> line.split(" ", 3)) // 0x55adadf4a700 203.0.113.9 1763897000000
                        .filter(entry -> !EVERYBODY.contains(entry[1]) && Long.parseLong(entry[2]) > clock.millis())
                        .forEach(entry -> openings.add(new Opening(address(entry[1]), service)));
            }
            return openings;
        }
    }

    @Override
    public boolean intact() {
        try (HaproxySocket haproxy = HaproxySocket.connect(socket)) {
            return context.serviceNames().stream().allMatch(service -> isGuarded(haproxy, map(service)));
        }
    }

    /** Asks for an address that nobody has, whom only the guard matches: no slower with a million entries. */
    private boolean isGuarded(HaproxySocket haproxy, Path map) {
        return EVERYBODY.stream().allMatch(all -> {
            String found = haproxy.ask("get map " + map + " " + all.replace("/0", ""));
            return found.contains("key=\"" + all + "\", value=\"" + guard + "\"");
        });
    }

    @Override
    public String preview(List<Change.Open> openings) {
        StringBuilder text = new StringBuilder();
        for (String service : context.serviceNames()) {
            text.append("map ").append(map(service)).append(" admits nobody but\n");
            openings.stream()
                    .filter(open -> open.opening().service().equals(service))
                    .forEach(open -> text.append(
                            "  " + open.opening().source().getHostAddress() + " for " + open.lifetime() + "\n"));
        }
        return text.toString();
    }

    @Override
    public void uninstall() {
        replace(Map.of());
        touched = false; // so that close() puts nothing back
    }

    @Override
    public void close() {
        if (touched && !closed) {
            if (context.onClose() == OnClose.REMOVE) {
                uninstall();
            } else {
                install(List.of());
            }
        }
        closed = true;
    }

    /** The maps of this owner that HAProxy has, if there is one for each service; they come from its configuration. */
    Set<Path> mapsToGuard(HaproxySocket haproxy) {
        Set<Path> maps = maps(haproxy);
        for (String service : context.serviceNames()) {
            if (!maps.contains(map(service))) {
                throw new FirewallException(
                        Reason.MISCONFIGURED,
                        "HAProxy asks no map " + map(service) + "; add the lines for " + service
                                + " to its configuration, or name the directory of the maps in the option maps");
            }
        }
        return maps;
    }

    private Set<Path> maps(HaproxySocket haproxy) {
        return haproxy.ask("show map")
                .lines()
                .filter(line -> line.contains(" (")) // 0 (/etc/haproxy/openme/ssh.map) pattern loaded from ...
                .map(line -> Path.of(line.substring(line.indexOf('(') + 1, line.indexOf(')'))))
                .filter(map -> directory.equals(map.getParent()))
                .collect(Collectors.toSet());
    }

    private Path map(String service) {
        return directory.resolve(service + ".map");
    }

    private static String key(Opening opening) {
        return opening.source().getHostAddress();
    }

    private String until(Change.Open open) {
        Duration lifetime = open.lifetime().compareTo(LONGEST) < 0 ? open.lifetime() : LONGEST;
        return "" + (clock.millis() + lifetime.toMillis());
    }

    private void check(List<? extends Change> changes) {
        for (Change change : changes) {
            String service = change.opening().service();
            if (!context.serviceNames().contains(service)) {
                throw new IllegalArgumentException("\"" + service + "\" is no guarded service");
            }
        }
    }

    /** Somebody else may have written anything into a map; no name service is asked what it means. */
    static InetAddress address(String literal) {
        return IpLiteral.parse(literal)
                .orElseThrow(() ->
                        new FirewallException(Reason.FAILED, "HAProxy has an entry that is no address: " + literal));
    }
}
