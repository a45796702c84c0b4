package io.openme.cli;

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
        description = "When a list ends, a doorman that has it refuses everyone: write a new one before.",
        footer = {"", "Examples:", "  openme ca crl", "  openme ca crl --lifetime 90d"},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class CaCrlCommand implements Callable<Integer> {
    private final Host host;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private CaOptions ca = new CaOptions();

    @Mixin
    private CrlLifetime lifetime = new CrlLifetime();

    CaCrlCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        Program.line(spec)
                .getOut()
                .println("Wrote "
                        + ca.use(host, directory -> lifetime.of(directory).writeCrl())
                        + ". Now bring it to each doorman, which reads it by itself");
        return ExitCode.OK;
    }
}
