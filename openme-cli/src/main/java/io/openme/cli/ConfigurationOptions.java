package io.openme.cli;

import io.openme.cli.config.Configuration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What {@code serve} and {@code check} have in common: the configuration. */
final class ConfigurationOptions {
    static final String DRY_RUN = "dry-run";

    @Option(
            names = {"-c", "--config-file"},
            paramLabel = "FILE",
            description =
                    "The configuration; default: ./config.yaml, if nobody else can write it. An original daemon's works as it"
                            + " is.")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--firewall",
            paramLabel = "NAME",
            description = "The firewall backend, in place of the configuration's.")
    private Optional<String> firewall = Optional.empty();

    @Option(names = "--dry-run", description = "Change no firewall, log what would be done.")
    private boolean dryRun;

    /** The configuration that was named, or else the one of the working directory. */
    Path file() {
        return file.or(() -> ConfigurationFile.here(System.getenv())).orElse(Path.of("config.yaml"));
    }

    /** The same options once more, for a process in the same directory. */
    List<String> again() {
        List<String> words = new ArrayList<>(List.of("--config-file", file().toString()));
        backend().ifPresent(name -> words.addAll(List.of("--firewall", name)));
        return words;
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
                    file() + " says DEBUG: true, which means a DRY RUN: no firewall is changed and every port stays as"
                            + " reachable as it is. Write DEBUG: false to guard for real.");
        }
        return read;
    }

    /** Reads the configuration anew. */
    Configuration read() {
        Configuration read = Configuration.read(file());
        return backend().map(read::withBackend).orElse(read);
    }

    private Optional<String> backend() {
        return dryRun ? Optional.of(DRY_RUN) : firewall;
    }
}
