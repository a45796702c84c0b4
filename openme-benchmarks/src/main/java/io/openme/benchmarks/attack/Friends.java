package io.openme.benchmarks.attack;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The process of the legitimate clients. */
final class Friends implements AutoCloseable {
    private final Process process;
    private final PrintStream commands;
    private final BufferedReader answers;

    Friends(Arena arena, Path directory) {
        List<String> command = new ArrayList<>(List.of(
                Victim.java("java"),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                KnockProgram.class.getName(),
                directory.toString(),
                Integer.toString(Arena.PORT),
                Integer.toString(Arena.GUARDED_PORT)));
        Stream.of(arena.doors()).forEach(command::add);
        process = arena.friends().start(command.toArray(String[]::new));
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Has them knock so many times, and waits for the end of it. */
    Knocks knock(int count, long pauseMillis) throws IOException {
        return run("knock " + count + " " + pauseMillis);
    }

    /** Has them do all that one can do, for so many seconds, and waits for the end of it. */
    Knocks use(long seconds) throws IOException {
        return run("use " + seconds);
    }

    private Knocks run(String command) throws IOException {
        commands.println(command);
        List<Long> nanos = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (String line = answers.readLine(); !KnockProgram.END.equals(line); line = answers.readLine()) {
            if (line == null) {
                throw new IOException("the clients' process ended");
            }
            String[] words = line.split(" ", 3);
            if (words[0].equals(KnockProgram.OK)) {
                nanos.add(Long.parseLong(words[1]));
            } else if (words[0].equals(KnockProgram.FAILED)) {
                failures.add(words[2]);
            }
        }
        return new Knocks(nanos.stream().sorted().toList(), List.copyOf(failures));
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
