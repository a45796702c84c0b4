package io.openme.cli.config;

import io.openme.cli.config.Configuration.ClientFiles;
import io.openme.cli.config.Configuration.FirewallSettings;
import io.openme.cli.config.Configuration.GrantSettings;
import io.openme.cli.config.Configuration.IdentityFiles;
import io.openme.cli.config.Configuration.OversightSettings;
import io.openme.cli.config.Section.Value;
import io.openme.doorman.AccessPolicy.Decision.Granted;
import io.openme.doorman.AccessPolicy.Rate;
import io.openme.doorman.Doorman;
import io.openme.policy.RulePolicy;
import io.openme.spi.DoorLimit;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.PortRange;
import io.openme.spi.Service;
import io.openme.spi.Service.Established;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/** Reads our own format, and hands files of the original daemon to {@link OriginalFormat}. */
final class ConfigurationReader {
    private static final Set<String> KEYS = Set.of(
            "listen",
            "listen-limit",
            "services",
            "identity",
            "clients",
            "firewall",
            "grants",
            "tls",
            "audit",
            "monitoring",
            PolicyReader.KEY);
    private static final String NO_LIMIT = "none";
    private static final Duration DEFAULT_LONGEST = Duration.ofHours(12);
    /** Each look runs a command of the host. */
    private static final Duration OFTENEST_WATCH = Duration.ofMillis(100);

    private static final Duration SHORTEST_GRACE = Duration.ofSeconds(1);
    private static final Duration LONGEST_GRACE = Duration.ofDays(365);
    private static final Duration RAREST_WATCH = Duration.ofHours(1);

    private final YamlFile file;
    private final Section root;

    private ConfigurationReader(YamlFile file, Section root) {
        this.file = file;
        this.root = root;
    }

    static Configuration read(Path path) {
        YamlFile file = new YamlFile(path);
        MappingNode node = file.root();
        Section any = new Section(new YamlFile(path), node, "", Set.of());
        List<String> original =
                any.keys().stream().filter(OriginalFormat.KEYS::contains).toList();
        List<String> ours = any.keys().stream().filter(KEYS::contains).toList();
        if (!original.isEmpty() && !ours.isEmpty()) {
            int line = Math.max(any.line(original.get(0)), any.line(ours.get(0)));
            file.problem(
                    line,
                    "keys of the original daemon (" + String.join(", ", original) + ") and keys of this program ("
                            + String.join(", ", ours) + ") are mixed; use either");
        }
        if (original.isEmpty()) {
            Set<String> known = ours.isEmpty() ? either() : KEYS;
            return new ConfigurationReader(file, file.section(node, "", known)).read();
        }
        Set<String> known = ours.isEmpty() ? OriginalFormat.KEYS : either();
        return new OriginalFormat(file, file.section(node, "", known)).read();
    }

    /** With no known key at all, or with both kinds, a mistyped one may be of either format. */
    private static Set<String> either() {
        return Stream.concat(KEYS.stream(), OriginalFormat.KEYS.stream()).collect(Collectors.toUnmodifiableSet());
    }

    private Configuration read() {
        List<InetSocketAddress> listen = listen();
        Optional<DoorLimit> listenLimit = root.value("listen-limit", ConfigurationReader::listenLimit)
                .orElse(Optional.of(Doorman.DEFAULT_LISTEN_LIMIT));
        Optional<Section> named =
                root.required("services", root.section("services", Set.of()), "services: { ssh: [22/tcp] }");
        List<Service> services = services(named);
        Optional<IdentityFiles> identity = identity();
        Optional<ClientFiles> clients = clients();
        FirewallSettings firewall = root.section(
                        "firewall", Set.of("backend", "on-close", "owner", "options", "watch-interval"))
                .map(this::firewall)
                .orElse(FirewallSettings.DEFAULT);
        Optional<Section> grants = root.section("grants", Set.of("lifetime", "longest", "rate", "state-directory"));
        Duration longest = grants.flatMap(g -> lifetime(g, "longest")).orElse(DEFAULT_LONGEST);
        Duration lifetime = grants.flatMap(g -> lifetime(g, "lifetime")).orElse(Doorman.DEFAULT_LIFETIME);
        grants.ifPresent(g -> g.atMost("lifetime", lifetime, "grants.longest", longest));
        Memory memory = grants.flatMap(ConfigurationReader::memory).orElse(new Memory.Usual());
        Optional<Rate> rate = grants.flatMap(g -> g.value("rate", ConfigurationReader::rate))
                .orElse(Optional.of(Doorman.DEFAULT_RATE));
        GrantSettings settings = new GrantSettings(lifetime, longest, rate, memory);
        Set<String> names = named.map(Section::keys).orElse(Set.of());
        Optional<RulePolicy> policy = new PolicyReader(file, root, names, settings).read();
        boolean tls12 = root.section("tls", Set.of("allow-1.2"))
                .flatMap(tls -> tls.bool("allow-1.2", Set.of("true"), Set.of("false")))
                .orElse(false);
        OversightSettings oversight = oversight();
        file.check();
        return new Configuration(
                listen,
                listenLimit,
                services,
                identity.orElseThrow(),
                clients.orElseThrow(),
                firewall,
                settings,
                policy,
                tls12,
                oversight,
                false);
    }

    private List<InetSocketAddress> listen() {
        Optional<List<InetSocketAddress>> all = root.list("listen", ListenAddress::parse);
        if (all.filter(List::isEmpty).isPresent()) {
            file.problem(root.line("listen"), "listen is an empty list; write listen: [\"0.0.0.0:54154\"]");
        }
        return all.orElse(ListenAddress.DEFAULT);
    }

    private static Optional<DoorLimit> listenLimit(String text) {
        return rate(text, "200/10s").map(rate -> new DoorLimit(rate.count(), rate.per()));
    }

    private static Optional<Rate> rate(String text) {
        return rate(text, "60/1m");
    }

    private static Optional<Rate> rate(String text, String example) {
        return text.equals(NO_LIMIT) ? Optional.empty() : Optional.of(Rates.parse(text, example + ", or none"));
    }

    private List<Service> services(Optional<Section> section) {
        List<Service> all = new ArrayList<>();
        for (String name : section.map(Section::keys).orElse(Set.of())) {
            Section services = section.orElseThrow();
            Optional<Section> more = services.isSection(name)
                    ? services.section(name, Set.of("ports", "established"))
                    : Optional.empty();
            Established established = more.flatMap(s -> s.value("established", ConfigurationReader::established))
                    .orElse(Established.KEEP);
            Optional<List<PortRange>> listed = more.isPresent()
                    ? more.get().required("ports", more.get().list("ports", PortRange::parse), "ports: [22/tcp]")
                    : services.list(name, PortRange::parse);
            listed.flatMap(ports -> services.convert(
                            name, new Value(name, services.line(name)), n -> new Service(n, ports, established)))
                    .ifPresent(all::add);
        }
        if (section.isPresent() && section.get().keys().isEmpty()) {
            file.problem(root.line("services"), "services guards nothing; write services: { ssh: [22/tcp] }");
        }
        return all;
    }

    private static Established established(String text) {
        return switch (text) {
            case "keep" -> Established.KEEP;
            case "cut" -> Established.CUT;
            default -> throw new IllegalArgumentException("\"" + text + "\" is unknown; write keep or cut");
        };
    }

    private Optional<IdentityFiles> identity() {
        String example = "identity: { certificate: certs/server.crt, key: certs/server.key }";
        return root.required(
                        "identity", root.section("identity", Set.of("certificate", "key", "passphrase-file")), example)
                .flatMap(section -> {
                    Optional<Path> certificate = section.required("certificate", section.file("certificate"), example);
                    Optional<Path> key = section.required("key", section.file("key"), example);
                    Optional<Path> passphrase = section.file("passphrase-file");
                    return certificate.flatMap(c -> key.map(k -> new IdentityFiles(c, k, passphrase)));
                });
    }

    private Optional<ClientFiles> clients() {
        String example = "clients: { ca: certs/ca.crt }";
        return root.required("clients", root.section("clients", Set.of("ca", "crl", "crl-grace")), example)
                .flatMap(section -> {
                    Optional<Path> crl = section.file("crl");
                    Duration grace = section.duration("crl-grace", SHORTEST_GRACE, LONGEST_GRACE)
                            .orElse(Duration.ZERO);
                    if (!grace.isZero() && crl.isEmpty()) {
                        file.problem(
                                section.line("crl-grace"),
                                "clients.crl-grace is there without clients.crl; name the list, or take it out");
                    }
                    return section.required("ca", section.file("ca"), example)
                            .map(ca -> new ClientFiles(ca, crl, grace));
                });
    }

    private OversightSettings oversight() {
        String log = "audit: { file: /var/log/openme/audit.jsonl }";
        String place = "monitoring: { listen: \"127.0.0.1:9154\" }";
        Optional<Path> audit =
                root.section("audit", Set.of("file")).flatMap(s -> s.required("file", s.file("file"), log));
        Optional<InetSocketAddress> monitoring = root.section("monitoring", Set.of("listen"))
                .flatMap(s -> s.required("listen", s.value("listen", ConfigurationReader::loopback), place));
        return new OversightSettings(audit, monitoring);
    }

    private static InetSocketAddress loopback(String text) {
        InetSocketAddress address = ListenAddress.parse(text);
        if (!address.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no loopback address, and anybody who reaches it would"
                            + " read it: it asks for no password; write \"127.0.0.1:" + address.getPort()
                            + "\" and let a proxy or a tunnel carry it further");
        }
        return address;
    }

    private FirewallSettings firewall(Section section) {
        Optional<String> backend = section.text("backend").map(Value::text);
        OnClose onClose = section.value("on-close", text -> switch (text) {
                    case "keep-guard" -> OnClose.KEEP_GUARD;
                    case "remove" -> OnClose.REMOVE;
                    default ->
                        throw new IllegalArgumentException("\"" + text + "\" is unknown; write keep-guard or remove");
                })
                .orElse(OnClose.KEEP_GUARD);
        String owner = section.value("owner", ConfigurationReader::owner).orElse(FirewallContext.DEFAULT_OWNER);
        Map<String, String> options = new LinkedHashMap<>();
        section.section("options", Set.of())
                .ifPresent(s -> s.keys().forEach(key -> s.text(key).ifPresent(v -> options.put(key, v.text()))));
        if (!options.isEmpty() && backend.isEmpty()) {
            file.problem(
                    section.line("options"),
                    "firewall.options belong to one backend, but firewall.backend is missing; name it, such as nftables");
        }
        return new FirewallSettings(
                backend, onClose, owner, options, section.duration("watch-interval", OFTENEST_WATCH, RAREST_WATCH));
    }

    private static String owner(String text) {
        // The context has the rule for it.
        return new FirewallContext(text, List.of(Service.of("any", "1/tcp")), Map.of(), OnClose.REMOVE).owner();
    }

    private static Optional<Memory> memory(Section grants) {
        return grants.value(
                "state-directory",
                text -> text.equals(Memory.NONE) ? new Memory.None() : new Memory.Directory(grants.resolve(text)));
    }

    private static Optional<Duration> lifetime(Section grants, String key) {
        return grants.duration(key, Granted.SHORTEST, Granted.LONGEST);
    }
}
