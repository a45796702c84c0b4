package io.openme.testkit;

import io.openme.spi.PortRange;
import io.openme.spi.Protocol;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A host of a {@link TestNetwork}: a network namespace with addresses, in which programs run and packets are sent.
 *
 * <p>Not safe for use by several threads.
 */
public final class Host implements AutoCloseable {
    /** How long a probe waits for an answer before it calls the packet dropped. */
    public static final Duration PATIENCE = Duration.ofMillis(600);

    private static final Duration SETUP = Duration.ofSeconds(5);

    private final String namespace;
    private final List<InetAddress> ipv4;
    private final List<InetAddress> ipv6;
    private final List<Process> started = new ArrayList<>();
    private final Set<PortRange> echoes = new HashSet<>();
    private final PrintStream commands;
    private final BufferedReader answers;
    private int connections;

    Host(String namespace, List<InetAddress> ipv4, List<InetAddress> ipv6) {
        this.namespace = namespace;
        this.ipv4 = List.copyOf(ipv4);
        this.ipv6 = List.copyOf(ipv6);
        Process agent = start(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                ownClassPath(),
                Agent.class.getName());
        this.commands = new PrintStream(agent.getOutputStream(), true, StandardCharsets.UTF_8);
        this.answers = new BufferedReader(new InputStreamReader(agent.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Its IPv4 addresses, at least two: see {@link TestNetwork}. */
    public List<InetAddress> ipv4() {
        return ipv4;
    }

    /** Its IPv6 addresses, at least two: see {@link TestNetwork}. */
    public List<InetAddress> ipv6() {
        return ipv6;
    }

    /** What makes a command run on this host when put before it: {@code ip netns exec NAME}. */
    public List<String> prefix() {
        return List.of("ip", "netns", "exec", namespace);
    }

    /**
     * Runs a program to its end, at most 30 seconds, with the environment of this JVM.
     *
     * @throws AssertionError if it is still running then; it is ended
     */
    public Finished run(String... command) {
        return Finished.run(withPrefix(command), "");
    }

    /** As {@link #run}, with something to read from standard input. */
    public Finished runWithInput(String input, String... command) {
        return Finished.run(withPrefix(command), input);
    }

    /**
     * Starts a program and leaves it running; it is killed with this host at the latest. The process is the program's
     * own, so that destroying it ends just that. Its standard error goes where this JVM's does.
     */
    public Process start(String... command) {
        try {
            Process process = new ProcessBuilder(withPrefix(command))
                    .redirectError(Redirect.INHERIT)
                    .start();
            started.add(process);
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Answers on this port, on all addresses, IPv4 and IPv6, with what it gets, until this host is closed. Idempotent. */
    public void echo(Protocol protocol, int port) {
        if (echoes.add(PortRange.of(protocol, port))) {
            ask("echo-" + protocol, port);
        }
    }

    /** Sends one packet (for TCP: connects) from an address that the system chooses, and tells what became of it. */
    public Verdict probe(Protocol protocol, InetAddress to, int port) {
        return probe(List.of(spec(protocol, Agent.ANY, to, port))).get(0);
    }

    /** Sends one packet (for TCP: connects) from this address of the host, and tells what became of it. */
    public Verdict probe(Protocol protocol, InetAddress from, InetAddress to, int port) {
        return probe(Set.of(new Probe(protocol, from, to, port)))
                .values()
                .iterator()
                .next();
    }

    /**
     * Connects from this address to a TCP echo and sends a byte: {@code OPEN} if it comes back, {@code REFUSED} if the
     * connection ends before, as a proxy ends one that it does not let through.
     */
    public Verdict exchange(InetAddress from, InetAddress to, int port) {
        return exchange(from, 0, to, port);
    }

    /** The same from this port of the address, or from any. */
    Verdict exchange(InetAddress from, int localPort, InetAddress to, int port) {
        return verdicts(
                        "probe",
                        List.of("echo," + from.getHostAddress() + "#" + localPort + "," + to.getHostAddress() + ","
                                + port))
                .get(0);
    }

    /** Accepts and resets each TCP connection to this port until this host is closed. */
    void reset(int port) {
        ask("reset-tcp", port);
    }

    /**
     * A packet to be sent from an address of this host.
     *
     * @param protocol its protocol; for TCP it is a connection
     * @param from its source
     * @param to its destination
     * @param port the destination's port
     */
    record Probe(Protocol protocol, InetAddress from, InetAddress to, int port) {}

    /** Sends these all at once, and tells what became of each. */
    Map<Probe, Verdict> probe(Set<Probe> probes) {
        List<Probe> list = List.copyOf(probes);
        List<Verdict> verdicts = probe(list.stream()
                .map(probe -> spec(probe.protocol, probe.from.getHostAddress(), probe.to, probe.port))
                .toList());
        return IntStream.range(0, list.size()).boxed().collect(Collectors.toMap(list::get, verdicts::get));
    }

    private static String spec(Protocol protocol, String from, InetAddress to, int port) {
        return protocol + "," + from + "," + to.getHostAddress() + "," + port;
    }

    private List<Verdict> probe(List<String> specs) {
        return verdicts("probe", specs);
    }

    private List<Verdict> verdicts(String command, List<String> words) {
        String answer = ask(Stream.concat(Stream.of(command, PATIENCE.toMillis()), words.stream())
                .toArray());
        return Arrays.stream(answer.split(" ", -1)).map(Verdict::valueOf).toList();
    }

    /** Connects to a TCP echo and keeps the connection until it is closed, or this host is. */
    public Connection connect(InetAddress to, int port) {
        return connect(Protocol.TCP, 0, to, port);
    }

    /**
     * Connects to an echo and keeps the connection until it is closed, or this host is.
     *
     * @param localPort the port to connect from; 0 for any
     */
    public Connection connect(Protocol protocol, int localPort, InetAddress to, int port) {
        String name = "c" + connections++;
        ask("connect-" + protocol, name, localPort, to.getHostAddress(), port, SETUP.toMillis());
        return new Held(this, name);
    }

    /** Sends a byte on each of these connections of this host at once, and tells what became of each. */
    List<Verdict> talk(List<Connection> connections) {
        return verdicts("talk", connections.stream().map(c -> ((Held) c).name).toList());
    }

    private record Held(Host host, String name) implements Connection {
        @Override
        public Verdict talk() {
            return host.talk(List.of(this)).get(0);
        }

        @Override
        public void close() {
            host.ask("hang-up", name);
        }
    }

    /** Begins to connect to this TCP port again and again without a pause; one flood at a time. */
    public Flood flood(InetAddress to, int port) {
        return flood(Agent.ANY, to, port);
    }

    /** As {@link #flood(InetAddress, int)}, from this address of the host. */
    public Flood flood(InetAddress from, InetAddress to, int port) {
        return flood(from.getHostAddress(), to, port);
    }

    /** Begins to send UDP packets to this port without a pause; no answer is waited for, so none is missed. */
    Flood spray(InetAddress from, InetAddress to, int port) {
        return flood("spray", from.getHostAddress(), to, port);
    }

    private Flood flood(String from, InetAddress to, int port) {
        return flood("flood", from, to, port);
    }

    private Flood flood(String kind, String from, InetAddress to, int port) {
        ask(kind, from, to.getHostAddress(), port);
        return () -> {
            String[] counts = ask("flood-end").split(" ", 3);
            return new Flood.Counts(Integer.parseInt(counts[0]), Integer.parseInt(counts[1]), counts[2]);
        };
    }

    /** Kills every program that was started here. */
    @Override
    public void close() {
        started.forEach(Process::destroyForcibly);
        for (Process process : started) {
            try {
                process.waitFor(SETUP.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private List<String> withPrefix(String... command) {
        return Stream.concat(prefix().stream(), Stream.of(command)).toList();
    }

    private String ask(Object... words) {
        commands.println(String.join(" ", Stream.of(words).map(Object::toString).toList()));
        try {
            String answer = answers.readLine();
            if (answer == null || answer.startsWith(Agent.FAILED)) {
                throw new AssertionError("the agent in " + namespace + " failed at "
                        + String.join(
                                " ", Stream.of(words).map(Object::toString).toList()) + ": " + answer);
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String ownClassPath() {
        try {
            return Path.of(Agent.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
