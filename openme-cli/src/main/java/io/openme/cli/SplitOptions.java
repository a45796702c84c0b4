package io.openme.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Who changes the firewall. */
final class SplitOptions {
    static final String DEFAULT_USER = "openme";

    @Option(
            names = "--split",
            description =
                    "Only change the firewall here, and face the network in a process of its own, without privileges.")
    private boolean split;

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "Whose that process is, with --split; default: " + DEFAULT_USER + ".")
    private Optional<String> user = Optional.empty();

    @Option(
            names = "--helper",
            paramLabel = "SOCKET",
            description = "Have the firewall changed by openme firewall-helper, which listens there.")
    private Optional<Path> helper = Optional.empty();

    boolean split() {
        return split;
    }

    String user() {
        return user.orElse(DEFAULT_USER);
    }

    Optional<Path> helper() {
        return helper;
    }

    /** Whether every user of this host can read it. */
    static boolean isEverybodys(Path file) {
        try {
            return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    void check(boolean trial) {
        if (split && helper.isPresent()) {
            throw new UsageException("--split has a helper of its own; leave --helper out");
        }
        if (user.isPresent() && !split) {
            throw new UsageException("--user says whose the process of --split is; add that, or leave it out");
        }
        if (trial && (split || helper.isPresent())) {
            throw new UsageException("a trial is taken back by the process that may; have it without "
                    + (split ? "--split" : "--helper") + ", which guards the same");
        }
    }
}
