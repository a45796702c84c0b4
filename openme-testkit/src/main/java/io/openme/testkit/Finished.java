package io.openme.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How a program ended.
 *
 * @param exitCode its exit code
 * @param output what it wrote to standard output and standard error, in the order in which it came
 */
public record Finished(int exitCode, String output) {
    private static final int SECONDS = 30;

    static Finished run(List<String> command, String input) {
        try {
            // Into a file rather than a pipe: a program that leaves a child behind can't hold up the reader.
            Path output = Files.createTempFile("openme-run", ".txt");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
                feed(process, input);
                if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError(command + " did not end within " + SECONDS + " s");
                }
                return new Finished(process.exitValue(), Files.readString(output));
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(command + " was interrupted", e);
        }
    }

    private static void feed(Process process, String input) {
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended without reading: its exit code tells whether that was right.
            process.toHandle();
        }
    }

    /**
     * This, if the exit code is 0.
     *
     * @throws AssertionError otherwise, with the output
     */
    public Finished orThrow() {
        if (exitCode != 0) {
            throw new AssertionError("exit code " + exitCode + ": " + output);
        }
        return this;
    }
}
