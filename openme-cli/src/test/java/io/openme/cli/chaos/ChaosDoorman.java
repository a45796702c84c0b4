package io.openme.cli.chaos;

import io.openme.doorman.AccessPolicy.Decision;
import io.openme.doorman.Client;
import io.openme.doorman.Doorman;
import io.openme.doorman.DoormanBuilder;
import io.openme.protocol.Answer;
import io.openme.protocol.Command;
import io.openme.spi.OpenmeException;
import io.openme.spi.Service;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A doorman in a process of its own, so that it can be killed. Reads a command a line, {@code ID WORD...}, and answers
 * {@code ID OK}, {@code ID KO} or {@code ID FAILED why}, in any order.
 */
final class ChaosDoorman {
    static final List<Service> SERVICES = List.of(
            Service.of("ssh", "2022/tcp"),
            Service.of("web", "2080/tcp", "2080/udp", "2090-2095/tcp"),
            Service.of("admin", "2095-2100/tcp"));

    private final Path directory;
    private final String state;
    private final String backend;
    private final Map<String, String> options;
    private final PrintStream answers;
    private final Trust trust;
    private final Map<Integer, Client> clients = new HashMap<>();
    private @Nullable Doorman doorman;
    private Decision next = new Decision.Refused("nobody asked");

    private ChaosDoorman(
            Path directory, String state, String backend, Map<String, String> options, PrintStream answers) {
        this.directory = directory;
        this.state = state;
        this.backend = backend;
        this.options = options;
        this.answers = answers;
        this.trust = Trust.ofPem(directory.resolve("ca.crt"));
    }

    /** {@code DIRECTORY STATE|- BACKEND OPTION=VALUE...}. */
    public static void main(String[] arguments) throws IOException {
        ChaosDoorman ours = new ChaosDoorman(
                Path.of(arguments[0]),
                arguments[1],
                arguments[2],
                options(List.of(arguments).subList(3, arguments.length)),
                new PrintStream(System.out, true, StandardCharsets.UTF_8));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            ours.obey(line.split(" ", -1));
        }
        // What the test's end leaves goes with its namespaces.
        Runtime.getRuntime().halt(0);
    }

    private static Map<String, String> options(List<String> words) {
        return words.stream()
                .map(word -> word.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }

    private void obey(String[] words) throws IOException {
        String id = words[0];
        try {
            switch (words[1]) {
                case "start" -> {
                    start(Duration.ofSeconds(Long.parseLong(words[2])));
                    answer(id, "OK");
                }
                case "stop" -> {
                    running().close();
                    answer(id, "OK");
                }
                default -> knock(id, words);
            }
        } catch (OpenmeException e) {
            answer(id, "FAILED " + e);
        }
    }

    /** {@code ID open|close CLIENT FROM GUEST|- MILLIS SERVICE,SERVICE}. */
    private void knock(String id, String[] words) throws IOException {
        Client client = client(Integer.parseInt(words[2]));
        InetAddress from = InetAddress.getByName(words[3]);
        next = new Decision.Granted(Set.of(words[6].split(",", -1)), Duration.ofMillis(Long.parseLong(words[5])));
        Command own = words[1].equals("open") ? Command.open() : Command.close();
        Command command =
                words[4].equals("-") ? own : Command.parse(own + " " + words[4]).orElseThrow();
        running()
                .handle(client, from, command)
                .whenComplete((answer, failure) ->
                        answer(id, failure != null ? "FAILED " + failure : answer == Answer.OK ? "OK" : "KO"));
    }

    private void start(Duration jump) {
        DoormanBuilder builder = Doorman.builder()
                .identity(Identity.ofPem(directory.resolve("localhost.crt"), directory.resolve("localhost.key")))
                .trust(trust)
                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .firewall(backend, options)
                .noRatePerClient()
                .clock(new JumpedClock(jump))
                // Asked on the thread that hands the command over, which is the only one that sets it.
                .policy((client, request) -> request.named()
                        // A grant of an earlier run, which is judged anew.
                        ? new Decision.Granted(
                                request.services(), request.lifetime().orElseThrow())
                        : next);
        SERVICES.forEach(builder::service);
        if (!state.equals("-")) {
            builder.stateDirectory(Path.of(state));
        }
        doorman = builder.build();
        doorman.start();
    }

    private Doorman running() {
        if (doorman == null) {
            throw new IllegalStateException("not started");
        }
        return doorman;
    }

    private synchronized void answer(String id, String what) {
        answers.println(id + " " + what.replace('\n', ' '));
    }

    private Client client(int number) throws IOException {
        Client known = clients.get(number);
        if (known == null) {
            known = Client.of(certificate(directory.resolve("client" + number + ".crt")));
            clients.put(number, known);
        }
        return known;
    }

    static X509Certificate certificate(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (CertificateException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the doorman's own clock is after the host's has been set: it follows that only when it begins. */
    private static final class JumpedClock extends Clock {
        private final Instant origin;
        private final long originNanos = System.nanoTime();

        JumpedClock(Duration jump) {
            this.origin = Instant.now().plus(jump);
        }

        @Override
        public Instant instant() {
            return origin.plusNanos(System.nanoTime() - originNanos);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("UTC only");
        }
    }
}
