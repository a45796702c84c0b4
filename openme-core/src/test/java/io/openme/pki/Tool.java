package io.openme.pki;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program and returns what it said, whether it went well or not. */
final class Tool {
    private Tool() {}

    static String openssl(Path directory, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        return run(directory, command);
    }

    static String run(Path directory, List<String> command) throws Exception {
        return run(directory, Map.of(), command);
    }

    static String run(Path directory, Map<String, String> environment, List<String> command) throws Exception {
        Path out = Files.createTempFile("openme", ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile());
            builder.environment().putAll(environment);
            assertThat(builder.start().waitFor(60, TimeUnit.SECONDS)).isTrue();
            return Files.readString(out);
        } finally {
            Files.delete(out);
        }
    }
}
