package io.openme.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Sends and answers packets in a network namespace: a program that {@link Host} runs there, since a JVM can't change
 * its namespace.
 *
 * <p>Reads a command a line, answers each with a line, and ends with its input, so that it does not outlive a test. Uses
 * nothing but the JDK, so that its class path is this one directory or jar.
 */
final class Agent {
    // What a busy machine loses once must not look like a firewall's doing, so each probe tries as often.
    private static final int TRIES = 3;

    // A full queue of connections drops SYNs, which would look like a firewall's doing.
    private static final int BACKLOG = 4096;

    private static final String ALL_NODES = "ff02::1";

    private static final String NOT_PERMITTED = "Operation not permitted";

    static final String MULTICAST = "224.0.0.251";
    static final String ANY = "any";
    static final String DONE = "DONE";
    static final String FAILED = "FAILED ";

    private final Map<String, Flow> flows = new HashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private @Nullable Flood flood;

    private Agent() {}

    /** Takes no arguments. */
    public static void main(String[] arguments) throws IOException {
        Agent agent = new Agent();
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            answers.println(agent.answer(line.split(" ", -1)));
        }
        System.exit(0);
    }

    private String answer(String[] words) {
        try {
            return switch (words[0]) {
                case "probe" -> ofEach(words, spec -> probe(spec.split(",", -1), millis(words[1])));
                case "echo-tcp" -> echoTcp(Integer.parseInt(words[1]));
                case "reset-tcp" -> resetTcp(Integer.parseInt(words[1]));
                case "echo-udp" -> echoUdp(Integer.parseInt(words[1]));
                case "connect-tcp" ->
                    connectTcp(words[1], Integer.parseInt(words[2]), to(words[3], words[4]), millis(words[5]));
                case "connect-udp" -> connectUdp(words[1], Integer.parseInt(words[2]), to(words[3], words[4]));
                case "talk" -> ofEach(words, name -> flow(name).talk(millis(words[1])));
                case "hang-up" -> hangUp(words[1]);
                case "flood" -> startFlood(from(words[1]), to(words[2], words[3]));
                case "spray" -> startSpray(from(words[1]), to(words[2], words[3]));
                case "flood-end" -> endFlood();
                default -> FAILED + "unknown command";
            };
        } catch (IOException | InterruptedException | ExecutionException | RuntimeException e) {
            return FAILED + e;
        }
    }

    private interface Judge {
        Verdict judge(String word) throws IOException;
    }

    /** All at once, so that ten packets that nobody answers take as long as one. */
    private String ofEach(String[] words, Judge judge) throws InterruptedException, ExecutionException {
        List<Callable<String>> tasks = Arrays.stream(words)
                .skip(2)
                .map(word -> (Callable<String>) () -> judge.judge(word).name())
                .toList();
        List<String> verdicts = new ArrayList<>();
        for (Future<String> task : threads.invokeAll(tasks)) {
            verdicts.add(task.get());
        }
        return String.join(" ", verdicts);
    }

    private static Verdict probe(String[] spec, int millis) throws IOException {
        InetSocketAddress from = from(spec[1]);
        InetSocketAddress to = to(spec[2], spec[3]);
        return switch (spec[0]) {
            case "tcp" -> tcp(from, to, millis);
            case "udp" -> udp(from, to, millis);
            default -> exchange(from, to, millis);
        };
    }

    private static Verdict exchange(InetSocketAddress from, InetSocketAddress to, int millis) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoLinger(true, 0); // leaves no TIME_WAIT that would use up the ports
            socket.setReuseAddress(true);
            socket.bind(from);
            socket.connect(to, millis);
            return new TcpFlow(socket).talk(millis);
        } catch (SocketTimeoutException e) {
            return Verdict.DROPPED;
        } catch (SocketException e) {
            return Verdict.REFUSED; // at once, or as soon as it was connected
        }
    }

    private static Verdict tcp(InetSocketAddress from, InetSocketAddress to, int millis) throws IOException {
        for (int tries = 0; tries < TRIES; tries++) {
            try (Socket socket = new Socket()) {
                socket.bind(from);
                socket.connect(to, millis / TRIES);
                return Verdict.OPEN;
            } catch (ConnectException e) {
                return Verdict.REFUSED;
            } catch (SocketTimeoutException e) {
                // Perhaps that one was merely lost.
            }
        }
        return Verdict.DROPPED;
    }

    private static Verdict udp(InetSocketAddress from, InetSocketAddress to, int millis) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(from)) {
            if (!answersFromElsewhere(to.getAddress())) {
                socket.connect(to); // only then is a refusal told
            }
            return exchange(socket, to, millis);
        }
    }

    private static Verdict exchange(DatagramSocket socket, SocketAddress to, int millis) throws IOException {
        byte[] token = new byte[16];
        ThreadLocalRandom.current().nextBytes(token);
        socket.setSoTimeout(millis / TRIES);
        try {
            for (int tries = 0; tries < TRIES; tries++) {
                socket.send(new DatagramPacket(token, token.length, to));
                if (answers(socket, token)) {
                    return Verdict.OPEN;
                }
            }
            return Verdict.DROPPED;
        } catch (PortUnreachableException e) {
            return Verdict.REFUSED;
        } catch (IOException e) {
            if (NOT_PERMITTED.equals(e.getMessage())) {
                return Verdict.DROPPED; // by the firewall of this host, which tells the sender
            }
            throw e;
        }
    }

    /** Whether the token comes back; what comes back late of an earlier one does not count. */
    private static boolean answers(DatagramSocket socket, byte[] token) throws IOException {
        DatagramPacket answer = new DatagramPacket(new byte[token.length], token.length);
        try {
            do {
                socket.receive(answer);
            } while (!Arrays.equals(token, answer.getData()));
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    private static boolean answersFromElsewhere(InetAddress address) {
        boolean broadcast = address instanceof Inet4Address && address.getAddress()[3] == -1;
        return broadcast || address.isMulticastAddress();
    }

    // The servers live as long as this program, which is why nothing closes them.
    @SuppressWarnings("resource")
    private static String echoTcp(int port) throws IOException {
        ServerSocket server = new ServerSocket(port, BACKLOG);
        daemon(() -> {
            while (true) {
                Socket socket = server.accept();
                daemon(() -> {
                    try (socket) {
                        socket.getInputStream().transferTo(socket.getOutputStream());
                    }
                });
            }
        });
        return DONE;
    }

    /** Resets each connection as soon as it is there. */
    @SuppressWarnings("resource")
    private static String resetTcp(int port) throws IOException {
        ServerSocket server = new ServerSocket(port, BACKLOG);
        daemon(() -> {
            while (true) {
                try (Socket socket = server.accept()) {
                    socket.setSoLinger(true, 0);
                }
            }
        });
        return DONE;
    }

    /** A socket for each address, so that an answer comes from where the packet went; one more for all the others. */
    @SuppressWarnings("resource")
    private static String echoUdp(int port) throws IOException {
        DatagramSocket others = echoUdp(new InetSocketAddress(port));
        for (NetworkInterface device : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            if (device.supportsMulticast()) {
                // A JDK of today hears no group that it has not joined, not even that of all nodes.
                others.joinGroup(new InetSocketAddress(InetAddress.getByName(MULTICAST), 0), device);
                others.joinGroup(new InetSocketAddress(InetAddress.getByName(ALL_NODES), 0), device);
            }
            for (InetAddress address : Collections.list(device.getInetAddresses())) {
                echoUdp(new InetSocketAddress(address, port));
            }
        }
        return DONE;
    }

    @SuppressWarnings("resource")
    private static DatagramSocket echoUdp(InetSocketAddress address) throws IOException {
        DatagramSocket server = new DatagramSocket(null);
        server.setReuseAddress(true);
        server.bind(address);
        daemon(() -> {
            byte[] buffer = new byte[2048];
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                server.receive(packet);
                server.send(packet);
            }
        });
        return server;
    }

    private interface Flow {
        Verdict talk(int millis) throws IOException;

        void hangUp() throws IOException;
    }

    private record TcpFlow(Socket socket) implements Flow {
        @Override
        public Verdict talk(int millis) throws IOException {
            socket.setSoTimeout(millis);
            try {
                // What comes back late of an earlier byte does not count.
                socket.getInputStream().skipNBytes(socket.getInputStream().available());
                socket.getOutputStream().write('?');
                return socket.getInputStream().read() == '?' ? Verdict.OPEN : Verdict.REFUSED;
            } catch (SocketTimeoutException e) {
                return Verdict.DROPPED;
            }
        }

        @Override
        public void hangUp() throws IOException {
            socket.setSoLinger(true, 0); // leaves no TIME_WAIT that would keep the port
            socket.close();
        }
    }

    private record UdpFlow(DatagramSocket socket) implements Flow {
        @Override
        public Verdict talk(int millis) throws IOException {
            return exchange(socket, socket.getRemoteSocketAddress(), millis);
        }

        @Override
        public void hangUp() {
            socket.close();
        }
    }

    private String connectTcp(String name, int from, InetSocketAddress to, int millis) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(from));
        socket.connect(to, millis);
        flows.put(name, new TcpFlow(socket));
        return DONE;
    }

    private String connectUdp(String name, int from, InetSocketAddress to) throws IOException {
        DatagramSocket socket = new DatagramSocket(from);
        socket.connect(to);
        flows.put(name, new UdpFlow(socket));
        return DONE;
    }

    private Flow flow(String name) throws IOException {
        Flow flow = flows.get(name);
        if (flow == null) {
            throw new IOException("no connection " + name);
        }
        return flow;
    }

    private String hangUp(String name) throws IOException {
        flow(name).hangUp();
        flows.remove(name);
        return DONE;
    }

    private String startFlood(InetSocketAddress from, InetSocketAddress to) {
        return start(new ConnectFlood(from, to));
    }

    private String startSpray(InetSocketAddress from, InetSocketAddress to) {
        return start(new Spray(from, to));
    }

    private String start(Flood flood) {
        this.flood = flood;
        flood.start();
        return DONE;
    }

    private String endFlood() throws InterruptedException {
        return flood == null ? FAILED + "there is no flood" : flood.end();
    }

    /** An address, or an address, {@code #} and a port. */
    private static InetSocketAddress from(String text) throws IOException {
        String[] parts = text.split("#", 2);
        return new InetSocketAddress(
                text.equals(ANY) ? null : InetAddress.getByName(parts[0]),
                parts.length == 1 ? 0 : Integer.parseInt(parts[1]));
    }

    private static InetSocketAddress to(String address, String port) throws IOException {
        return new InetSocketAddress(InetAddress.getByName(address), Integer.parseInt(port));
    }

    private static int millis(String text) {
        return Integer.parseInt(text);
    }

    private interface Loop {
        void run() throws IOException;
    }

    private static void daemon(Loop loop) {
        Thread thread = new Thread(() -> {
            try {
                loop.run();
            } catch (IOException e) {
                // The peer went away, which is its right.
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    /** Does the same again and again until it is ended. */
    private abstract static class Flood extends Thread {
        private volatile boolean ending;
        private int attempts;
        private int failures;
        private @Nullable String lastFailure;

        Flood() {
            setDaemon(true);
        }

        abstract void attempt() throws IOException;

        @Override
        public void run() {
            do { // once at least, even if it is ended before it has begun
                attempts++;
                try {
                    attempt();
                } catch (IOException e) {
                    failures++;
                    lastFailure = e.getMessage();
                }
            } while (!ending);
        }

        String end() throws InterruptedException {
            ending = true;
            join();
            return attempts + " " + failures + " " + lastFailure;
        }
    }

    /** Connects, each time from a new port, so that each attempt is judged anew. */
    private static final class ConnectFlood extends Flood {
        // A SYN that was dropped is sent again after 1 s: a connect that takes longer than this lost a packet.
        private static final int PATIENCE_MILLIS = 900;

        private final InetSocketAddress from;
        private final InetSocketAddress to;

        ConnectFlood(InetSocketAddress from, InetSocketAddress to) {
            this.from = from;
            this.to = to;
        }

        @Override
        void attempt() throws IOException {
            try (Socket socket = new Socket()) {
                socket.setSoLinger(true, 0); // leaves no TIME_WAIT that would use up the ports
                socket.bind(from);
                socket.connect(to, PATIENCE_MILLIS);
                // Waits for the echo: were connections to pile up there, their host would drop SYNs.
                socket.setSoTimeout(PATIENCE_MILLIS);
                socket.getOutputStream().write('?');
                if (socket.getInputStream().read() != '?') {
                    throw new IOException("no echo");
                }
            }
        }
    }

    /** Sends a UDP packet and waits for nothing. */
    private static final class Spray extends Flood {
        private final InetSocketAddress from;
        private final InetSocketAddress to;

        Spray(InetSocketAddress from, InetSocketAddress to) {
            this.from = from;
            this.to = to;
        }

        @Override
        void attempt() throws IOException {
            try (DatagramSocket socket = new DatagramSocket(from)) {
                socket.send(new DatagramPacket(new byte[] {'?'}, 1, to));
            }
        }
    }
}
