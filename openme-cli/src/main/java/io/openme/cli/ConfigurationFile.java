package io.openme.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the configuration that nobody named. It says which program changes the firewall, so one that lies in the working
 * directory is taken only if nobody else could have put it there.
 */
final class ConfigurationFile {
    private static final Path HERE = Path.of("config.yaml");

    private ConfigurationFile() {}

    /** The file in the working directory, if there is one. */
    static Optional<Path> here(Map<String, String> environment) {
        return Files.exists(HERE) ? Optional.of(ours(HERE, environment)) : Optional.empty();
    }

    /**
     * This file.
     *
     * @throws UsageException if others than this user, root, and whoever became this user by sudo can write it, or put
     *     another in its place
     */
    static Path ours(Path file, Map<String, String> environment) {
        try {
            Writers.of(environment).others(file).ifPresent(reason -> {
                throw new UsageException(
                        reason + ", and it could make this program run what they like; if it is the right"
                                + " one, name it: -c " + file);
            });
        } catch (IOException e) {
            throw new UsageException("can't look at the configuration " + file + " (" + e + "); check the path", e);
        }
        return file;
    }
}
