package io.openme.benchmarks.attack;

import io.openme.benchmarks.Scratch;
import io.openme.benchmarks.attack.Table.Level;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Attacks a doorman for a long time, by one kind of attack after the other, while its friends do all that one can do with it;
 * and writes down every ten seconds how it is.
 */
public final class Soak {
    /** How it is called. */
    public static final String USAGE = "soak [--minutes 60] [--connections 1000] [--data soak.csv]";

    static final String HEAD = "seconds,attack,heap_mb,rss_mb,threads,descriptors,knocks_ok,knocks_failed,p99_ms";

    private static final long SAMPLE_SECONDS = 10;

    /** Samples during which the same attack goes on, one without any after each, and the list of revoked is replaced. */
    private static final int SAMPLES_EACH = 3;

    /** The heap is measured once in so many samples, as that stops the doorman for a moment. */
    private static final int SAMPLES_PER_COLLECTION = 6;

    private static final int HEAP_MEGABYTES = 512;

    private Soak() {}

    /**
     * Attacks, and writes what it sees.
     *
     * @param arguments see {@link #USAGE}
     * @return 0 if the doorman is as it was at the end and at least 99 of 100 knocks succeeded, else 1
     */
    public static int run(List<String> arguments, PrintStream out) throws IOException {
        Duration time = Duration.ofMinutes(60);
        int connections = 1000;
        Path data = Path.of("soak.csv");
        for (int i = 0; i + 1 < arguments.size(); i += 2) {
            String value = arguments.get(i + 1);
            switch (arguments.get(i)) {
                case "--minutes" -> time = Duration.ofMinutes(Long.parseLong(value));
                case "--connections" -> connections = Integer.parseInt(value);
                case "--data" -> data = Path.of(value);
                default -> throw new IllegalArgumentException("there is no option " + arguments.get(i) + ": " + USAGE);
            }
        }
        Path directory = Files.createTempDirectory("openme-soak");
        try (Arena arena = new Arena();
                Writer lines = Files.newBufferedWriter(data)) {
            Credentials credentials = new Credentials(directory);
            try (Friends friends = new Friends(arena, directory);
                    Victim victim = new Victim(arena, directory, Attack.IDLE.setup(List.of()), HEAP_MEGABYTES)) {
                return new Run(arena, directory, credentials, friends, victim, connections, lines, out).soak(time);
            }
        } finally {
            Scratch.delete(directory);
        }
    }

    /** The kinds of attack, over and over. */
    private static Iterator<Attack> attacks() {
        List<Attack> kinds = Stream.of(Attack.values())
                .filter(attack -> attack.setup(List.of()).equals(Attack.IDLE.setup(List.of())))
                .filter(attack -> attack != Attack.NONE)
                .toList();
        return Stream.generate(kinds::stream).flatMap(each -> each).iterator();
    }

    private record Run(
            Arena arena,
            Path directory,
            Credentials credentials,
            Friends friends,
            Victim victim,
            int connections,
            Writer lines,
            PrintStream out) {
        int soak(Duration time) throws IOException {
            friends.use(SAMPLE_SECONDS);
            victim.level();
            Level idle = victim.level();
            long begin = System.nanoTime();
            List<Sample> samples = new ArrayList<>();
            lines.write(HEAD + "\n");
            double heap = idle.heapMegabytes();
            for (Iterator<Attack> attacks = attacks(); System.nanoTime() - begin < time.toNanos(); ) {
                Attack attack = attacks.next();
                credentials.publishRevocations();
                heap = phase(begin, attack, connections, SAMPLES_EACH, heap, samples);
                heap = phase(begin, Attack.NONE, 0, 1, heap, samples);
            }
            return judge(idle, samples);
        }

        /** So many samples under this attack; returns what is alive of the heap. */
        private double phase(long begin, Attack attack, int size, int count, double before, List<Sample> samples)
                throws IOException {
            double heap = before;
            try (Attackers attackers = new Attackers(arena, attack, size, directory)) {
                for (int i = 0; i < count; i++) {
                    Knocks knocks = friends.use(SAMPLE_SECONDS);
                    if (samples.size() % SAMPLES_PER_COLLECTION == 0) {
                        heap = victim.level().heapMegabytes();
                    }
                    samples.add(sample(begin, attack, heap, knocks));
                    if (!attack.proof().isUnderWay(attackers.count(), size)) {
                        out.println("after " + samples.get(samples.size() - 1).seconds + " s, " + attack.title()
                                + " fizzles: " + attackers.count());
                    }
                }
            }
            return heap;
        }

        private Sample sample(long begin, Attack attack, double heap, Knocks knocks) throws IOException {
            Sample sample = new Sample(
                    (System.nanoTime() - begin) / 1_000_000_000,
                    attack.title(),
                    heap,
                    victim.figures().residentMegabytes(),
                    victim.figures().threads(),
                    victim.figures().descriptors(),
                    knocks);
            lines.write(sample.csv() + "\n");
            lines.flush();
            knocks.failures()
                    .forEach(why -> out.println("after " + sample.seconds + " s, " + attack.title() + ": " + why));
            return sample;
        }

        private int judge(Level idle, List<Sample> samples) throws IOException {
            Level after = victim.awaitReturn(idle);
            int ok = samples.stream().mapToInt(s -> s.knocks.nanos().size()).sum();
            int all = samples.stream().mapToInt(s -> s.knocks.all()).sum();
            out.printf(
                    Locale.ROOT,
                    "%d samples; %d of %d knocks succeeded; before: %s; after: %s%n",
                    samples.size(),
                    ok,
                    all,
                    idle,
                    after);
            return after.isBackAt(idle) && ok >= Trial.SHARE * all ? 0 : 1;
        }
    }

    /** What was seen at one time. */
    private record Sample(
            long seconds, String attack, double heap, int resident, int threads, int descriptors, Knocks knocks) {
        String csv() {
            return String.format(
                    Locale.ROOT,
                    "%d,%s,%.1f,%d,%d,%d,%d,%d,%.1f",
                    seconds,
                    attack,
                    heap,
                    resident,
                    threads,
                    descriptors,
                    knocks.nanos().size(),
                    knocks.failures().size(),
                    knocks.millis(0.99));
        }
    }
}
