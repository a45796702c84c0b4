package io.openme.cli;

import io.openme.tls.Identity;
import java.nio.file.Path;
import picocli.CommandLine;

/** Says what a CA has issued. */
final class Certificates {
    private Certificates() {}

    static void tellIssued(CommandLine line, Path directory, String name, Identity issued) {
        line.getOut()
                .println("Issued " + directory.resolve(name + ".crt") + " and " + directory.resolve(name + ".key")
                        + ", good until " + issued.certificate().getNotAfter().toInstant());
    }
}
