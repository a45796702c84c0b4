package io.openme.cli;

import io.openme.pki.CaDirectory;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code openme ca crl}. */
@Command(
        name = "crl",
        header = "Writes the revocation list anew.",
        description = "A list is good for a year. When it ends, a doorman that has it refuses everyone.",
        footer = {"", "Example:", "  openme ca crl"},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class CaCrlCommand implements Callable<Integer> {
    private final Host host;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private CaOptions ca = new CaOptions();

    CaCrlCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        Program.line(spec)
                .getOut()
                .println("Wrote " + ca.use(host, CaDirectory::writeCrl)
                        + ". Now bring it to each doorman and restart it");
        return ExitCode.OK;
    }
}
