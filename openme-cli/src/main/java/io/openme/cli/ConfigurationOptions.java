package io.openme.cli;

import io.openme.cli.config.Configuration;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What {@code serve} and {@code check} have in common: the configuration. */
final class ConfigurationOptions {
    static final String DRY_RUN = "dry-run";

    @Option(
            names = {"-c", "--config-file"},
            paramLabel = "FILE",
            defaultValue = "./config.yaml",
            description = "The configuration; default: ${DEFAULT-VALUE}. An original daemon's works as it is.")
    private Path file = Path.of("config.yaml");

    @Option(
            names = "--firewall",
            paramLabel = "NAME",
            description = "The firewall backend, in place of the configuration's.")
    private Optional<String> firewall = Optional.empty();

    @Option(names = "--dry-run", description = "Change no firewall, log what would be done.")
    private boolean dryRun;

    Path file() {
        return file;
    }

    /** Reads the configuration, and warns of what a person should know. */
    Configuration read(CommandLine line) {
        if (dryRun && firewall.isPresent() && !firewall.get().equals(DRY_RUN)) {
            throw new UsageException("--dry-run is a firewall, too, and not " + firewall.get() + "; leave one out");
        }
        Configuration read = read();
        if (read.debug() && backend().isEmpty()) {
            Messages.warn(
                    line,
                    file + " says DEBUG: true, which means a DRY RUN: no firewall is changed and every port stays as"
                            + " reachable as it is. Write DEBUG: false to guard for real.");
        }
        return read;
    }

    /** Reads the configuration anew. */
    Configuration read() {
        Configuration read = Configuration.read(file);
        return backend().map(read::withBackend).orElse(read);
    }

    private Optional<String> backend() {
        return dryRun ? Optional.of(DRY_RUN) : firewall;
    }
}
