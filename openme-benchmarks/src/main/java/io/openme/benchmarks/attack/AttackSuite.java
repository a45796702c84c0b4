package io.openme.benchmarks.attack;

import io.openme.benchmarks.attack.Table.Level;
import io.openme.benchmarks.attack.Table.Row;
import io.openme.benchmarks.attack.Victim.Setup;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes one attack after the other on a doorman while its friends knock, and prints a row for each.
 *
 * <p>The doorman stays the same from one attack to the next as long as it needs no other configuration, so that what one of
 * them leaves behind shows in the later ones: all are held against the level before the first.
 */
public final class AttackSuite implements AutoCloseable {
    /** How it is called. */
    public static final String USAGE = Options.USAGE;

    /** So many make the code that a knock needs known to the JVM, at the doorman and at its friends. */
    private static final int WARM_UP = 60;

    private final Options options;
    private final PrintStream out;
    private final Path directory = Files.createTempDirectory("openme-attack");
    private final Credentials credentials = new Credentials(directory);
    private final Arena arena = new Arena();
    private final Friends friends = new Friends(arena, directory);
    private final List<Row> rows = new ArrayList<>();
    private @Nullable Trial trial;

    private AttackSuite(Options options, PrintStream out) throws IOException {
        this.options = options;
        this.out = out;
    }

    /**
     * Attacks and prints.
     *
     * @param arguments see {@link #USAGE}
     * @return 0 if every attack was withstood, else 1
     */
    public static int run(List<String> arguments, PrintStream out) throws IOException {
        try (AttackSuite suite = new AttackSuite(Options.of(arguments), out)) {
            return suite.run();
        }
    }

    private int run() throws IOException {
        out.printf(
                "%d hostile connections; Java %s, Linux %s, %d processors, load average before %s%n",
                options.connections(),
                System.getProperty("java.version"),
                System.getProperty("os.version"),
                Runtime.getRuntime().availableProcessors(),
                Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0]);
        for (Attack attack : options.attacks()) {
            rows.add(prepared(attack.setup(options.configuration())).make(attack));
            out.println(rows.get(rows.size() - 1).markdown());
        }
        Optional<Path> json = options.json();
        if (json.isPresent()) {
            Files.writeString(json.get(), rows.stream().map(Row::json).collect(Collectors.joining(",\n ", "[", "]\n")));
        }
        return rows.stream().allMatch(row -> row.faults().isEmpty()) ? 0 : 1;
    }

    /** A doorman of this kind that is idle. */
    private Trial prepared(Setup setup) throws IOException {
        Trial current = trial;
        if (current != null && current.setup().equals(setup) && current.victim().isAlive()) {
            return current;
        }
        if (current != null) {
            current.victim().close();
        }
        Victim victim = new Victim(arena, directory, setup, options.heapMegabytes());
        Knocks first = friends.knock(WARM_UP, 0);
        if (!first.failures().isEmpty()) {
            throw new IllegalStateException(
                    "knocks fail without an attack: " + first.failures().get(0) + "\n" + victim.log());
        }
        // Once for nothing, as the first look makes the JVM start what looks.
        victim.level();
        Level idle = victim.level();
        out.println();
        out.println(Table.head(idle));
        trial = new Trial(options, arena, directory, credentials, friends, setup, victim, idle);
        return trial;
    }

    @Override
    public void close() throws IOException {
        Trial current = trial;
        if (current != null) {
            current.victim().close();
        }
        friends.close();
        arena.close();
        io.openme.benchmarks.Scratch.delete(directory);
    }
}
