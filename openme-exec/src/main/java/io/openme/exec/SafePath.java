package io.openme.exec;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where programs are looked for. Java itself would look in the PATH that this JVM was started with, which can hold
 * directories that other users write to, and on Debian lacks {@code /usr/sbin} for all but root.
 */
final class SafePath {
    private static final List<String> DIRECTORIES =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

    /** The value for a child's environment. */
    static final String VALUE = String.join(":", DIRECTORIES);

    private SafePath() {}

    /** The file of a program that is given by its name, or by its path when it holds a slash. */
    static Optional<Path> find(String program) {
        if (program.contains("/")) {
            return Optional.of(Path.of(program)).filter(SafePath::isProgram);
        }
        return DIRECTORIES.stream()
                .map(directory -> Path.of(directory, program))
                .filter(SafePath::isProgram)
                .findFirst();
    }

    private static boolean isProgram(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }
}
