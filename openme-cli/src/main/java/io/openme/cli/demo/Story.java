package io.openme.cli.demo;

import io.openme.cli.demo.Stage.Program.Said;
import io.openme.doorman.Doorman;
import io.openme.pki.CaDirectory;
import io.openme.protocol.IpLiteral;
import io.openme.spi.OpenmeException;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Refused, knock, served, expired: does it, and tells what really happened. */
public final class Story {
    static final String SERVICE = "web";

    private static final Duration LIFETIME = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    /** How much later than its end a grant may look closed: one attempt of a visitor, and a busy machine. */
    private static final Duration TOLERANCE = Duration.ofSeconds(2);

    private final Stage stage;
    private final PrintWriter out;
    private boolean asItShould = true;

    /** A story that is told on this stage, to this reader. */
    public Story(Stage stage, PrintWriter out) {
        this.stage = stage;
        this.out = out;
    }

    /** Tells it, in about ten seconds; whether everything was as it should. */
    public boolean tell() {
        try {
            Path directory = Files.createTempDirectory("openme-demo");
            try {
                tell(directory);
            } finally {
                delete(directory);
            }
        } catch (IOException e) {
            throw new OpenmeException("the demo needs a temporary directory: " + e.getMessage(), e);
        }
        return asItShould;
    }

    private void tell(Path directory) {
        say("This is " + stage.description() + ".");
        say("");

        Path pki = directory.resolve("pki");
        String server = IpLiteral.format(stage.server());
        CaDirectory ca = CaDirectory.create(pki, "Demo CA", null, Clock.systemUTC());
        Identity doormans = ca.issueServer("gate.example", List.of(server));
        ca.issueClient("alice");
        CaDirectory.create(directory.resolve("other"), "Another CA", null, Clock.systemUTC())
                .issueClient("mallory");
        step("A CA, a certificate for the doorman, one for Alice; Mallory has one of another CA");

        try (Doorman doorman = stage.prepare(Doorman.builder()
                        .identity(doormans)
                        .trust(Trust.of(ca.authority().certificate()))
                        .service(SERVICE, stage.webPort() + "/tcp")
                        .lifetime(LIFETIME))
                .build()) {
            doorman.start();
            step("A doorman on " + server + " port " + doorman.port() + " guards port " + stage.webPort());

            visit("Alice connects", stage.alice(), false);
            knock("Mallory", "other/mallory", directory, doorman.port(), 4);
            visit("Alice connects", stage.alice(), false);
            Instant ok = knock("Alice", "pki/alice", directory, doorman.port(), 0);
            visit("Alice connects", stage.alice(), true);
            stage.evidence().forEach(line -> say("     " + line));
            stage.stranger().ifPresent(stranger -> visit("A stranger connects", stranger, false));
            expire(ok);
        }
        say("");
        say(
                asItShould
                        ? "Every line above really happened; nothing of it is left."
                        : "Something above was not as it should. Please report it, with this output.");
    }

    private void visit(String who, InetAddress from, boolean expected) {
        Visit.Seen seen = look(from);
        step(who + " from " + IpLiteral.format(from));
        result(seen.text(), seen.served() == expected);
    }

    /** When it was over. */
    private Instant knock(String who, String identity, Path directory, int port, int expected) {
        step(who + " knocks: openme open -s " + IpLiteral.format(stage.server()) + " --cert " + identity + ".crt ...");
        Said said = stage.visitors()
                .run(
                        "open",
                        "-s",
                        IpLiteral.format(stage.server()),
                        "-p",
                        String.valueOf(port),
                        "--from",
                        IpLiteral.format(stage.alice()),
                        "--cert",
                        directory.resolve(identity + ".crt").toString(),
                        "--key",
                        directory.resolve(identity + ".key").toString(),
                        "--ca",
                        directory.resolve("pki/ca.crt").toString());
        Instant over = Instant.now();
        said.text().strip().lines().forEach(line -> result(line, said.exitCode() == expected));
        return over;
    }

    private void expire(Instant ok) {
        step("The grant is for " + LIFETIME.toSeconds() + " seconds; Alice connects again and again");
        Visit.Seen last = look(stage.alice(), "--until-refused", PATIENCE.toSeconds() + "s");
        Duration after = Duration.between(ok, last.began());
        boolean inTime = !last.served() && after.compareTo(LIFETIME.plus(TOLERANCE)) < 0;
        result("refused again " + after.toMillis() + " ms after OK: " + last.text(), inTime);
    }

    private Visit.Seen look(InetAddress from, String... more) {
        String[] arguments = Stream.concat(
                        Stream.of(
                                "demo-visit",
                                IpLiteral.format(stage.server()),
                                String.valueOf(stage.webPort()),
                                "--from",
                                IpLiteral.format(from)),
                        Stream.of(more))
                .toArray(String[]::new);
        return Visit.Seen.parse(stage.visitors().run(arguments).text());
    }

    private void step(String text) {
        say("  *  " + text);
    }

    private void result(String text, boolean expected) {
        say("     " + (expected ? "-> " : "-> UNEXPECTED: ") + text);
        asItShould &= expected;
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
