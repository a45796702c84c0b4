package io.openme.cli;

import io.openme.cli.config.Configuration;
import io.openme.cli.config.Memory;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Finds the directory in which a doorman remembers its grants. */
final class StateDirectories {
    /** Nothing of these outlives the process, and nothing is to be left by them. */
    private static final Set<String> WITHOUT = Set.of("dry-run", "in-process");

    private StateDirectories() {}

    /**
     * Where this host keeps the state of its daemons or, without root, of this user's programs: what systemd gives to a
     * service with {@code StateDirectory=}, else what Debian and the XDG specification say.
     */
    static Path base(Map<String, String> environment, boolean root, Path home) {
        String given = environment.getOrDefault("STATE_DIRECTORY", "").split(":", 2)[0];
        if (given.startsWith("/")) {
            return Path.of(given);
        }
        if (root) {
            return Path.of("/var/lib/openme");
        }
        String xdg = environment.getOrDefault("XDG_STATE_HOME", "");
        return (xdg.startsWith("/") ? Path.of(xdg) : home.resolve(".local").resolve("state")).resolve("openme");
    }

    /** Whether this process is root's. */
    static boolean isRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return false;
        }
    }

    /** The directory that this configuration leads to; nothing is made or looked at. */
    static Optional<Path> of(Configuration configuration, Path base) {
        Memory memory = configuration.grants().memory();
        if (memory instanceof Memory.Directory directory) {
            return Optional.of(directory.path());
        }
        boolean without =
                configuration.firewall().backend().filter(WITHOUT::contains).isPresent();
        return memory instanceof Memory.None || without
                ? Optional.empty()
                : Optional.of(base.resolve(configuration.firewall().owner() + "-"
                        + configuration.listen().get(0).getPort()));
    }

    /**
     * The same, made if it is the usual one and was not there. One that can't be made is done without, and that is said: no
     * grant of an earlier run can be in it, and a port that nobody can knock at is worse than a restart that closes what
     * was open. One that is there and can't be used is an error as any other when the doorman starts: what is in it would
     * come back at a later start.
     */
    static Optional<Path> ready(Configuration configuration, Path base, Consumer<String> warning) {
        Optional<Path> directory = of(configuration, base);
        if (directory.isEmpty() || !(configuration.grants().memory() instanceof Memory.Usual)) {
            return directory;
        }
        try {
            Files.createDirectories(base);
            Files.createDirectory(
                    directory.get(),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            return directory;
        } catch (IOException | UnsupportedOperationException e) {
            warning.accept("grants are not remembered, and a restart closes what is open: " + directory.get()
                    + " can't be made (" + e + "). With systemd write StateDirectory=openme into the unit; or write"
                    + " grants: { state-directory: PATH }, or none in place of a path to do without");
            return Optional.empty();
        }
        return directory;
    }
}
