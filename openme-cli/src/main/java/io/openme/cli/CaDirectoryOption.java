package io.openme.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a CA is. */
final class CaDirectoryOption {
    @Option(
            names = "--dir",
            paramLabel = "DIR",
            defaultValue = "./pki",
            description = "The CA's directory; default: ${DEFAULT-VALUE}.")
    private Path directory = Path.of("pki");

    Path directory() {
        return directory;
    }
}
