package io.openme.testkit;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * Three hosts and two cables, made of network namespaces and veth pairs:
 *
 * <pre>
 *   client ─────────────── server ─────────────── other
 *   192.0.2.2, .3    192.0.2.1 198.51.100.1    198.51.100.2, .3
 *   2001:db8:1::2, ::3   …:1::1 2001:db8:2::1   2001:db8:2::2, ::3
 * </pre>
 *
 * <p>The server forwards between the two, so {@code other} can be a stranger, a container behind the server, or somebody
 * that traffic merely passes through to. Nothing of it touches the network or the firewall of this machine.
 *
 * <p>In JUnit, let {@link TestNetworkExtension} make it and clean it up.
 */
public final class TestNetwork implements AutoCloseable {
    /** The IPv4 group that a UDP {@linkplain Host#echo echo} belongs to. */
    public static final InetAddress MULTICAST = address(Agent.MULTICAST);

    private static final Duration CARRIER = Duration.ofSeconds(10);

    private final List<String> namespaces = new ArrayList<>();
    private final List<Host> hosts = new ArrayList<>();

    private TestNetwork() {}

    /**
     * Makes the network.
     *
     * @throws TestAbortedException if this machine can't, with what is missing; unless the environment has
     *     {@code CI=true} or the system property {@code openme.kernel} is {@code required}
     * @throws AssertionError then
     */
    public static TestNetwork create() {
        TestNetwork network = new TestNetwork();
        try {
            network.build();
            return network;
        } catch (AssertionError | UncheckedIOException e) {
            network.close();
            throw without(
                    "no network namespaces with nftables here; they take root, iproute2 and nft: " + e.getMessage(), e);
        }
    }

    /** The host in the middle, whose first address of each family is on the client's side. */
    public Host server() {
        return hosts.get(0);
    }

    /** The host that is let in, with two addresses of each family. */
    public Host client() {
        return hosts.get(1);
    }

    /** The host on the server's other side, with two addresses of each family. */
    public Host other() {
        return hosts.get(2);
    }

    /**
     * Says that a test needs this program on its hosts.
     *
     * @throws TestAbortedException if it is not installed; where the network itself is {@linkplain #create() required}, an
     *     {@link AssertionError}
     */
    public void needs(String program) {
        if (server().run("sh", "-c", "command -v " + program).exitCode() != 0) {
            throw without(program + " is not installed here", null);
        }
    }

    /** Ends what runs on the hosts and removes them. */
    @Override
    public void close() {
        hosts.forEach(Host::close);
        hosts.clear();
        namespaces.forEach(namespace -> ip("netns", "del", namespace));
        namespaces.clear();
    }

    private void build() {
        // A random part, since a process that died may have left its namespaces behind, and its PID comes again.
        String base = "openme-" + ProcessHandle.current().pid() + "-"
                + Integer.toHexString(ThreadLocalRandom.current().nextInt(0x10000, 0x100000));
        String server = namespace(base + "-server");
        String client = namespace(base + "-client");
        String other = namespace(base + "-other");
        ip("link", "add", "to-client", "netns", server, "type", "veth", "peer", "name", "cable", "netns", client);
        ip("link", "add", "to-other", "netns", server, "type", "veth", "peer", "name", "cable", "netns", other);
        addresses(server, "to-client", "192.0.2.1/24", "2001:db8:1::1/64");
        addresses(server, "to-other", "198.51.100.1/24", "2001:db8:2::1/64");
        addresses(client, "cable", "192.0.2.2/24", "192.0.2.3/24", "2001:db8:1::2/64", "2001:db8:1::3/64");
        addresses(other, "cable", "198.51.100.2/24", "198.51.100.3/24", "2001:db8:2::2/64", "2001:db8:2::3/64");
        gateway(client, "192.0.2.1", "2001:db8:1::1");
        gateway(other, "198.51.100.1", "2001:db8:2::1");
        hosts.add(host(server, "192.0.2.1", "198.51.100.1", "2001:db8:1::1", "2001:db8:2::1"));
        hosts.add(host(client, "192.0.2.2", "192.0.2.3", "2001:db8:1::2", "2001:db8:1::3"));
        hosts.add(host(other, "198.51.100.2", "198.51.100.3", "2001:db8:2::2", "2001:db8:2::3"));
        List.of(client, other).forEach(end -> awaitCarrier(end, "cable"));
        List.of("to-client", "to-other").forEach(end -> awaitCarrier(server, end));
        server().run("nft", "list", "tables").orThrow();
    }

    private String namespace(String name) {
        ip("netns", "add", name);
        namespaces.add(name);
        // Addresses are used at once, since nobody else could have them; and every refusal is told.
        String settings = "cd /proc/sys/net && echo 0 > ipv6/conf/default/accept_dad"
                + " && echo 0 > ipv4/icmp_ratelimit && echo 0 > ipv6/icmp/ratelimit"
                + " && echo 1 > ipv4/ip_forward && echo 1 > ipv6/conf/all/forwarding";
        ip("netns", "exec", name, "sh", "-c", settings);
        ip("-n", name, "link", "set", "lo", "up");
        return name;
    }

    private static void addresses(String namespace, String device, String... addresses) {
        for (String address : addresses) {
            List<String> words = new ArrayList<>(List.of("-n", namespace, "addr", "add", address, "dev", device));
            boolean first = address.equals(addresses[0]) || address.equals(addresses[addresses.length / 2]);
            if (!address.contains(":")) {
                words.addAll(List.of("brd", "+"));
            } else if (first) {
                words.add("nodad");
            } else {
                words.addAll(List.of("nodad", "preferred_lft", "0")); // so that the first is the system's choice
            }
            ip(words.toArray(String[]::new));
        }
        ip("-n", namespace, "link", "set", device, "up");
    }

    /**
     * Linux tells its IPv6 of a new carrier at most once a second, and only then is there a link-local address and a
     * route to multicast groups.
     */
    private static void awaitCarrier(String namespace, String device) {
        long deadline = System.nanoTime() + CARRIER.toNanos();
        while (ip("-n", namespace, "-6", "-o", "addr", "show", "dev", device, "scope", "link")
                .output()
                .isBlank()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError(device + " in " + namespace + " has no link after " + CARRIER);
            }
        }
    }

    private static void gateway(String namespace, String ipv4, String ipv6) {
        ip("-n", namespace, "route", "add", "default", "via", ipv4);
        ip("-n", namespace, "-6", "route", "add", "default", "via", ipv6);
    }

    private static Host host(
            String namespace, String firstIpv4, String secondIpv4, String firstIpv6, String secondIpv6) {
        return new Host(
                namespace,
                List.of(address(firstIpv4), address(secondIpv4)),
                List.of(address(firstIpv6), address(secondIpv6)));
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Finished ip(String... arguments) {
        return Finished.run(Stream.concat(Stream.of("ip"), Stream.of(arguments)).toList(), "")
                .orThrow();
    }

    private static TestAbortedException without(String message, @Nullable Throwable cause) {
        if (required()) {
            throw new AssertionError(message, cause);
        }
        return new TestAbortedException(message, cause);
    }

    private static boolean required() {
        return "true".equalsIgnoreCase(System.getenv("CI")) || "required".equals(System.getProperty("openme.kernel"));
    }
}
