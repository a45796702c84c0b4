package io.openme.cli.config;

import io.openme.cli.config.Configuration.ClientFiles;
import io.openme.cli.config.Configuration.FirewallSettings;
import io.openme.cli.config.Configuration.GrantSettings;
import io.openme.cli.config.Configuration.IdentityFiles;
import io.openme.cli.config.Configuration.OversightSettings;
import io.openme.cli.config.Section.Value;
import io.openme.doorman.Doorman;
import io.openme.spi.PortRange;
import io.openme.spi.Protocol;
import io.openme.spi.Service;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads a file of the original daemon: its ports become one service. */
final class OriginalFormat {
    static final Set<String> KEYS =
            Set.of("BIND_ADDRESS", "LISTENING_PORT", "PORTS", "CERT_FILE", "KEY_FILE", "CA_CERT_FILE", "DEBUG");

    /** What YAML 1.1, which the original reads, takes for true and false. */
    private static final Set<String> YES = Set.of("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON");

    private static final Set<String> NO = Set.of("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF");

    private final YamlFile file;
    private final Section root;

    OriginalFormat(YamlFile file, Section root) {
        this.file = file;
        this.root = root;
    }

    Configuration read() {
        Optional<InetAddress> address = root.value("BIND_ADDRESS", ListenAddress::address);
        Optional<Integer> port = root.value("LISTENING_PORT", text -> ListenAddress.port(text, 0));
        Optional<Service> service = service();
        Optional<Path> certificate = path("CERT_FILE", "../certs/server.crt");
        Optional<Path> key = path("KEY_FILE", "../certs/server.key");
        Optional<Path> ca = path("CA_CERT_FILE", "../certs/ca.crt");
        boolean debug = root.bool("DEBUG", YES, NO).orElse(false);
        file.check();
        FirewallSettings firewall = debug ? FirewallSettings.DEFAULT.withBackend("dry-run") : FirewallSettings.DEFAULT;
        return new Configuration(
                List.of(new InetSocketAddress(
                        address.orElseGet(() -> ListenAddress.address("0.0.0.0")), port.orElse(Doorman.DEFAULT_PORT))),
                Optional.of(Doorman.DEFAULT_LISTEN_LIMIT),
                List.of(service.orElseThrow()),
                new IdentityFiles(certificate.orElseThrow(), key.orElseThrow(), Optional.empty()),
                new ClientFiles(ca.orElseThrow(), Optional.empty(), Duration.ZERO),
                firewall,
                new GrantSettings(
                        Doorman.DEFAULT_LIFETIME,
                        Doorman.DEFAULT_LIFETIME,
                        Optional.of(Doorman.DEFAULT_RATE),
                        new Memory.Usual()),
                Optional.empty(),
                false,
                OversightSettings.NONE,
                debug);
    }

    private Optional<Service> service() {
        List<Section> sections = root.sections("PORTS", Set.of("port", "protocol"));
        List<PortRange> ports = new ArrayList<>();
        for (Section each : sections) {
            Optional<Integer> number =
                    each.required("port", each.value("port", text -> ListenAddress.port(text, 1)), "port: 80");
            Optional<Protocol> protocol =
                    each.required("protocol", each.value("protocol", OriginalFormat::protocol), "protocol: tcp");
            number.flatMap(n -> protocol.map(p -> PortRange.of(p, n))).ifPresent(ports::add);
        }
        if (!root.keys().contains("PORTS")) {
            root.missing("PORTS", "PORTS: [{port: 80, protocol: tcp}]");
        }
        if (ports.size() != sections.size() || (ports.isEmpty() && !file.sound())) {
            return Optional.empty();
        }
        return root.convert("PORTS", new Value("ports", root.line("PORTS")), name -> new Service(name, ports));
    }

    private Optional<Path> path(String key, String example) {
        return root.required(key, root.file(key), key + ": \"" + example + "\"");
    }

    private static Protocol protocol(String text) {
        return switch (text) {
            case "tcp" -> Protocol.TCP;
            case "udp" -> Protocol.UDP;
            default -> throw new IllegalArgumentException("\"" + text + "\" is no protocol; write tcp or udp");
        };
    }
}
