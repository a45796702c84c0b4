package io.openme.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code openme ca revoke}. */
@Command(
        name = "revoke",
        header = "Takes back what was issued to a name.",
        description =
                "All certificates of that name, renewed ones too. Writes crl.pem anew; it counts at a doorman that has been given it (clients.crl).",
        footer = {"", "Example:", "  openme ca revoke alice"},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class CaRevokeCommand implements Callable<Integer> {
    private final Host host;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private CaOptions ca = new CaOptions();

    @Mixin
    private CrlLifetime lifetime = new CrlLifetime();

    @Parameters(paramLabel = "NAME", description = "Whose certificates are revoked.")
    private String name = "";

    CaRevokeCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        int revoked =
                ca.use(host, directory -> lifetime.of(directory).revoke(name)).size();
        Program.line(spec)
                .getOut()
                .println("Revoked " + revoked + " certificate" + (revoked == 1 ? "" : "s") + " of " + name
                        + ". Now bring " + ca.directory().resolve("crl.pem")
                        + " to each doorman, which reads it by itself");
        return ExitCode.OK;
    }
}
