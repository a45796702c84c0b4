package io.openme.benchmarks.attack;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.openme.knocker.HoldOptions;
import io.openme.knocker.KnockResult;
import io.openme.knocker.Knocker;
import io.openme.knocker.Lease;
import io.openme.protocol.Command;
import io.openme.protocol.Request;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The legitimate clients, a program of its own: {@code DIRECTORY PORT GUARDED-PORT ADDRESS...}, with the doorman's addresses,
 * which are knocked at in turn.
 *
 * <p>It reads {@code knock COUNT PAUSE-MILLIS} or {@code use SECONDS}, and writes a line for each knock: {@code OK NANOS}, or
 * {@code FAILED NANOS} and why; then {@code END}.
 */
final class KnockProgram {
    static final String OK = "OK";
    static final String FAILED = "FAILED";
    static final String END = "END";

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration HELD = Duration.ofSeconds(3);

    private final List<Knocker> knockers;
    private final List<InetSocketAddress> guarded;

    private KnockProgram(List<Knocker> knockers, List<InetSocketAddress> guarded) {
        this.knockers = knockers;
        this.guarded = guarded;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path directory = Path.of(arguments[0]);
        Identity identity = Identity.ofPem(directory.resolve("friend.crt"), directory.resolve("friend.key"));
        Trust trust = Trust.ofPem(directory.resolve("ca.crt"));
        List<String> servers = List.of(arguments).subList(3, arguments.length);
        KnockProgram program = new KnockProgram(
                servers.stream()
                        .map(server -> Knocker.builder()
                                .identity(identity)
                                .trust(trust)
                                .server(server, Integer.parseInt(arguments[1]))
                                .serverName(Credentials.SERVER)
                                .timeout(PATIENCE)
                                .build())
                        .toList(),
                servers.stream()
                        .map(server -> new InetSocketAddress(server, Integer.parseInt(arguments[2])))
                        .toList());
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, US_ASCII))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ", -1);
                if (words[0].equals("knock")) {
                    program.knock(Integer.parseInt(words[1]), Long.parseLong(words[2]));
                } else {
                    program.use(Duration.ofSeconds(Long.parseLong(words[1])));
                }
                System.out.println(END);
            }
        }
    }

    /** Opens and closes in turn, at each of the doorman's addresses in turn. */
    private void knock(int count, long pauseMillis) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            int which = i / 2 % knockers.size();
            boolean opens = i % 2 == 0;
            KnockResult result = knockers.get(which).knock(opens ? Command.open() : Command.close());
            report(result, opens ? unreachable(which) : Optional.empty());
            TimeUnit.MILLISECONDS.sleep(pauseMillis);
        }
    }

    /** Does what a person does: opens, looks, prolongs, closes, and holds for a while. */
    private void use(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        for (int i = 0; System.nanoTime() - end < 0; i++) {
            int which = i % knockers.size();
            Knocker knocker = knockers.get(which);
            Optional<Duration> minute = Optional.of(Duration.ofMinutes(1));
            report(
                    knocker.ask(new Request.Open(Optional.empty(), Set.of(), minute, Optional.empty())),
                    unreachable(which));
            report(knocker.ask(new Request.Status(false)), Optional.empty());
            report(knocker.ask(new Request.Renew(Optional.empty(), Set.of(), minute)), Optional.empty());
            report(knocker.knock(Command.close()), Optional.empty());
            try (Lease lease = knocker.hold(HoldOptions.defaults().withLifetime(Duration.ofSeconds(6)))) {
                if (!lease.await(PATIENCE)) {
                    System.out.println(FAILED + " " + PATIENCE.toNanos() + " nothing could be held");
                }
                TimeUnit.MILLISECONDS.sleep(HELD.toMillis());
            }
        }
    }

    private static void report(KnockResult result, Optional<String> fault) {
        long nanos = result.elapsed().toNanos();
        String why = result.granted() ? fault.orElse("") : result.status() + " " + result.detail();
        System.out.println(why.isEmpty() ? OK + " " + nanos : FAILED + " " + nanos + " " + why);
    }

    /** Why the guarded port can't be reached; empty if it can. */
    private Optional<String> unreachable(int which) {
        try (Socket socket = new Socket()) {
            socket.connect(guarded.get(which), 2000);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("the doorman said OK, but " + guarded.get(which) + " is closed: " + e.getMessage());
        }
    }
}
