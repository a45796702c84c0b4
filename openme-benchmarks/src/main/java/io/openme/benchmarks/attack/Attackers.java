package io.openme.benchmarks.attack;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The attacker's process, and what it says of itself. */
final class Attackers implements AutoCloseable {
    private final Process process;
    private final Figures figures;
    private volatile Count count = new Count(0, 0, 0);

    /**
     * How far it is.
     *
     * @param connected how many connections there are at this moment
     * @param opened how many there were in all
     * @param deeds how often the hostile thing was done
     */
    record Count(int connected, long opened, long deeds) {}

    Attackers(Arena arena, Attack attack, int connections, Path directory) {
        process = arena.attacker()
                .start(
                        Victim.java("java"),
                        "-Xmx2g",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AttackProgram.class.getName(),
                        attack.title(),
                        arena.target(attack),
                        Integer.toString(Arena.PORT),
                        Integer.toString(connections),
                        directory.toString());
        figures = new Figures(process.pid());
        Thread reader = new Thread(this::read, "attackers");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ", -1);
                count = new Count(Integer.parseInt(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]));
            }
        } catch (IOException e) {
            // It was ended.
        }
    }

    /** @throws IllegalStateException if it has ended by itself, so that there is no attack any more */
    Count count() {
        if (!process.isAlive()) {
            throw new IllegalStateException("the attacker ended; what it said is above");
        }
        return count;
    }

    Figures figures() {
        return figures;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
