package io.openme.benchmarks.attack;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What the command line says.
 *
 * @param attacks which are made
 * @param connections how many hostile ones at a time
 * @param knocks how many legitimate ones during each attack
 * @param pauseMillis between two of those
 * @param heapMegabytes what the doorman may have
 * @param configuration lines that the doorman's configuration has besides
 * @param json where the figures go; empty if nowhere
 */
record Options(
        List<Attack> attacks,
        int connections,
        int knocks,
        long pauseMillis,
        int heapMegabytes,
        List<String> configuration,
        Optional<Path> json) {
    static final String USAGE =
            "attack [NAME...] [--connections 10000] [--knocks 100] [--pause-millis 100] [--heap 512]"
                    + " [--config LINE]... [--json FILE]";

    /** @throws IllegalArgumentException if they can't be understood */
    static Options of(List<String> arguments) {
        List<Attack> attacks = new ArrayList<>();
        int connections = 10_000;
        int knocks = 100;
        long pause = 100;
        int heap = 512;
        List<String> configuration = new ArrayList<>();
        Optional<Path> json = Optional.empty();
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            if (!word.startsWith("--")) {
                attacks.add(Attack.of(word));
                continue;
            }
            if (++i == arguments.size()) {
                throw new IllegalArgumentException(word + " needs a value");
            }
            String value = arguments.get(i);
            switch (word) {
                case "--connections" -> connections = Integer.parseInt(value);
                case "--knocks" -> knocks = Integer.parseInt(value);
                case "--pause-millis" -> pause = Long.parseLong(value);
                case "--heap" -> heap = Integer.parseInt(value);
                case "--config" -> configuration.add(value);
                case "--json" -> json = Optional.of(Path.of(value));
                default -> throw new IllegalArgumentException("there is no option " + word + "; it is: " + USAGE);
            }
        }
        return new Options(
                attacks.isEmpty() ? Arrays.asList(Attack.values()) : List.copyOf(attacks),
                connections,
                knocks,
                pause,
                heap,
                List.copyOf(configuration),
                json);
    }
}
