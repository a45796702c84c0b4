package io.openme.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The jar that people run, as a process. */
final class OpenmeJar {
    static final Path PATH = Path.of("target", "openme.jar").toAbsolutePath();

    private OpenmeJar() {}

    static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                PATH.toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Starts it in a directory, with nothing to read; it writes to {@code NAME.out} and {@code NAME.err} there. */
    static Process start(Path directory, String name, String... arguments) throws IOException {
        return start(directory, name, Map.of(), arguments);
    }

    /** The same, with this in its environment. */
    static Process start(Path directory, String name, Map<String, String> environment, String... arguments)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command(arguments));
        builder.environment().put("STATE_DIRECTORY", directory.resolve("state").toString());
        builder.environment().putAll(environment);
        return builder.directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(directory.resolve(name + ".out").toFile())
                .redirectError(directory.resolve(name + ".err").toFile())
                .start();
    }
}
