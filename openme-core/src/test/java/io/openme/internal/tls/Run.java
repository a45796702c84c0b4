package io.openme.internal.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program of the host to its end, with standard input from a string. */
record Run(int exit, String output) {
    static Run of(Path directory, String input, List<String> command) throws IOException, InterruptedException {
        Path in = Files.writeString(Files.createTempFile(directory, "in", ""), input);
        Path out = Files.createTempFile(directory, "out", "");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .start();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(
                    command + " did not end; it said " + Files.readString(out, StandardCharsets.ISO_8859_1));
        }
        return new Run(process.exitValue(), Files.readString(out, StandardCharsets.ISO_8859_1));
    }
}
