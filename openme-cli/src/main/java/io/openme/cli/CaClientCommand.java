package io.openme.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code openme ca client}. */
@Command(
        name = "client",
        header = "Issues a client's certificate and key.",
        description = "Hand its key over as a secret; it is not encrypted unless you ask for it.",
        footer = {"", "Examples:", "  openme ca client alice", "  openme ca client alice --encrypt-key"},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class CaClientCommand implements Callable<Integer> {
    private final Host host;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private CaOptions ca = new CaOptions();

    @Mixin
    private KeyProtection protection = new KeyProtection();

    @Parameters(paramLabel = "NAME", description = "Whose it is; its files are named so.")
    private String name = "";

    CaClientCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        Certificates.tellIssued(
                Program.line(spec),
                ca.directory(),
                name,
                ca.use(host, directory -> protection.apply(host, name, secret -> directory.issueClient(name, secret))));
        return ExitCode.OK;
    }
}
