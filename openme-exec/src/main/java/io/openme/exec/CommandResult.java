package io.openme.exec;

/**
 * How a command ended by itself.
 *
 * @param exitCode its exit code; above 128 it was ended by signal {@code exitCode - 128}
 * @param output what it wrote to standard output, read as UTF-8
 * @param errors what it wrote to standard error, read as UTF-8
 */
public record CommandResult(int exitCode, String output, String errors) {
    /** Whether the exit code is 0. */
    public boolean succeeded() {
        return exitCode == 0;
    }
}
