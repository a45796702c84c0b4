package io.openme.examples.haproxy;

import io.openme.spi.Firewall;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.PortRange;
import io.openme.spi.Protocol;
import io.openme.spi.Service;
import io.openme.testkit.Host;
import io.openme.testkit.HostUnderTest;
import io.openme.testkit.Reach;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The server of a network with an HAProxy in front of an echo. */
final class HaproxyHost implements HostUnderTest, AutoCloseable {
    private static final int BEHIND = 4080;
    private static final Duration START = Duration.ofSeconds(30);

    private final Host server;
    private final Host client;
    private final Path directory;
    private final Path socket;
    private final ServerSocketChannel deaf;
    private Process haproxy;

    HaproxyHost(TestNetwork network, Path directory) throws IOException {
        network.needs("haproxy");
        this.server = network.server();
        this.client = network.client();
        this.directory = directory;
        this.socket = directory.resolve("admin.sock");
        this.deaf = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        deaf.bind(UnixDomainSocketAddress.of(directory.resolve("deaf.sock")));
        server.echo(Protocol.TCP, BEHIND);
        StringBuilder configuration = new StringBuilder("""
                global
                    stats socket %s mode 600 level admin
                defaults
                    mode tcp
                    timeout connect 30s
                    timeout client 1h
                    timeout server 1h
                backend echo
                    server echo 127.0.0.1:%d
                """.formatted(socket, BEHIND));
        frontend(configuration, "openme", "ssh", "2022");
        frontend(configuration, "openme", "web", "2080", "2090-2094");
        frontend(configuration, "openme", "admin", "2096-2100");
        frontend(configuration, "openme", "old", "2050-2060");
        frontend(configuration, "openme-other", "ssh", "2122");
        frontend(configuration, "openme-other", "web", "2180");
        Files.writeString(directory.resolve("haproxy.cfg"), configuration);
        haproxy = start();
    }

    /** As the documentation tells a reader to write it, but for a file that guards nothing. */
    private void frontend(StringBuilder configuration, String owner, String service, String... ports)
            throws IOException {
        Path map = directory.resolve(owner).resolve(service + ".map");
        Files.createDirectories(map.getParent());
        Files.createFile(map);
        configuration.append("frontend " + owner + "-" + service + "\n");
        for (String port : ports) {
            configuration.append("    bind 0.0.0.0:" + port + "\n    bind [::]:" + port + " v6only\n");
        }
        configuration.append("""
                    tcp-request connection set-var(sess.until) src,map_ip_int(%s,9223372036854775807)
                    tcp-request connection reject unless { date(0,ms),neg,add(sess.until) gt 0 }
                    default_backend echo
                """.formatted(map));
    }

    private Process start() {
        Process process = server.start(
                "haproxy", "-db", "-f", directory.resolve("haproxy.cfg").toString());
        long end = System.nanoTime() + START.toNanos();
        while (true) {
            try (HaproxySocket ready = HaproxySocket.connect(socket)) {
                ready.ask("show info");
                return process;
            } catch (FirewallException e) {
                if (System.nanoTime() > end || !process.isAlive()) {
                    throw new AssertionError("HAProxy does not start", e);
                }
            }
        }
    }

    private void restart() {
        haproxy.destroy();
        try {
            haproxy.waitFor();
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        haproxy = start();
    }

    @Override
    public void close() throws IOException {
        deaf.close();
    }

    @Override
    public Map<String, String> options() {
        return Map.of("socket", socket.toString(), "maps", directory.toString());
    }

    @Override
    public Set<Protocol> protocols() {
        return EnumSet.of(Protocol.TCP);
    }

    @Override
    public void clear() {
        try (HaproxySocket haproxy = HaproxySocket.connect(socket)) {
            maps(haproxy).forEach(map -> haproxy.tell("clear map " + map));
        }
    }

    /** Of each map the entries for everybody, whichever day their time was over: all others are openings. */
    @Override
    public Optional<String> state() {
        try (HaproxySocket haproxy = HaproxySocket.connect(socket)) {
            return Optional.of(maps(haproxy)
                    .map(map -> map + " "
                            + haproxy.ask("show map " + map)
                                    .lines()
                                    .map(line -> line.split(" ", 3)[1])
                                    .filter(key -> key.endsWith("/0"))
                                    .collect(Collectors.joining(" ")))
                    .collect(Collectors.joining("\n")));
        }
    }

    private static Stream<String> maps(HaproxySocket haproxy) {
        return haproxy.ask("show map")
                .lines()
                .filter(line -> line.contains("("))
                .map(line -> line.replaceAll(".*\\((.*)\\).*", "$1"))
                .filter(line -> line.endsWith(".map"))
                .sorted();
    }

    @Override
    public Optional<Reach> reach() {
        return Optional.of(new Reach() {
            @Override
            public boolean reaches(Firewall firewall, InetAddress source, Service service) {
                InetAddress to = (source instanceof Inet4Address ? server.ipv4() : server.ipv6()).get(0);
                return service.ports().stream()
                        .map(PortRange::first)
                        .allMatch(port -> client.exchange(source, to, port) == Verdict.OPEN);
            }

            @Override
            public List<InetAddress> sources() {
                return Stream.concat(client.ipv4().stream(), client.ipv6().stream())
                        .toList();
            }
        });
    }

    @Override
    public Map<String, Runnable> damages() {
        Map<String, Runnable> damages = new LinkedHashMap<>();
        damages.put("clears every map", this::clear);
        damages.put("clears a map", () -> tell("clear map " + directory + "/openme/web.map"));
        damages.put("deletes the guard of IPv6", () -> tell("del map " + directory + "/openme/ssh.map ::/0"));
        damages.put("admits everybody", () -> tell("set map " + directory + "/openme/ssh.map 0.0.0.0/0 1900000000000"));
        damages.put("restarts HAProxy", this::restart);
        return damages;
    }

    private void tell(String command) {
        try (HaproxySocket haproxy = HaproxySocket.connect(socket)) {
            haproxy.tell(command);
        }
    }

    @Override
    public Map<Reason, Map<String, String>> failures() {
        return Map.of(
                Reason.NOT_INSTALLED,
                        Map.of("socket", directory.resolve("no.sock").toString()),
                Reason.MISCONFIGURED, Map.of("maps", "/etc/haproxy/elsewhere"),
                Reason.TIMED_OUT,
                        Map.of("socket", directory.resolve("deaf.sock").toString()));
    }

    @Override
    public int many() {
        return 1000;
    }
}
