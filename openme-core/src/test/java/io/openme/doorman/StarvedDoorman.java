package io.openme.doorman;

import io.openme.audit.AuditLog;
import io.openme.firewall.InProcessFirewall;
import io.openme.protocol.IpLiteral;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A program with a whole doorman, whose memory runs out on request.
 *
 * <p>Its argument is the directory of its certificates. It writes {@code > PORT}, and then {@code > RESULT} for each line that it
 * reads: {@code gorge} takes all memory, and for three seconds what others let go of, then gives it back; {@code health} says
 * what the doorman says, {@code openings} how many the firewall admits. It ends with its standard input.
 */
final class StarvedDoorman {
    /** Small pieces, so that next to nothing is left beside them. */
    private static final int PIECE = 64;

    private static final long NANOS = 3_000_000_000L;

    private static final InProcessFirewall FIREWALL = new InProcessFirewall();

    private static volatile Optional<String> failure = Optional.empty();

    private StarvedDoorman() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        try (AuditLog audit = AuditLog.open(directory.resolve("audit.jsonl"));
                Doorman doorman = doorman(directory, audit);
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            doorman.start();
            System.out.println("> " + doorman.port());
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println("> " + obey(line, doorman));
            }
        }
    }

    private static Doorman doorman(Path directory, AuditLog audit) {
        return Doorman.builder()
                .identity(Identity.ofPem(directory.resolve("server.crt"), directory.resolve("server.key")))
                .trust(Trust.ofPem(directory.resolve("ca.crt")))
                .listen(new InetSocketAddress(IpLiteral.parse("127.0.0.1").orElseThrow(), 0))
                .service("ssh", "22/tcp")
                .firewall(FIREWALL)
                // Sooner than the test gives up.
                .patience(Duration.ofSeconds(20))
                .policy(AccessPolicy.everyService(Duration.ofSeconds(2)))
                .stateDirectory(directory.resolve("state"))
                .listener(audit)
                .listener(new DoormanListener() {
                    @Override
                    public void failed(Failed event) {
                        failure = Optional.of(event.reason());
                    }
                })
                .build();
    }

    private static String obey(String line, Doorman doorman) throws IOException, InterruptedException {
        return switch (line) {
            case "gorge" -> gorge();
            case "health" ->
                failure.orElseGet(() ->
                        doorman.health().problems() + " " + doorman.health().grants());
            case "openings" -> Integer.toString(FIREWALL.openings().size());
            default -> throw new IOException("what is " + line + "?");
        };
    }

    private static String gorge() {
        Object @Nullable [] chain = null;
        long start = 0;
        long errors = 0;
        while (errors == 0 || System.nanoTime() - start < NANOS) {
            try {
                Object[] more = new Object[PIECE];
                more[0] = chain;
                chain = more;
            } catch (OutOfMemoryError e) {
                start = errors++ == 0 ? System.nanoTime() : start;
            }
        }
        chain = null;
        return errors + " times without memory";
    }
}
