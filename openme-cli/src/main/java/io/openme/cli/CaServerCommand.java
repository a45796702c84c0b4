package io.openme.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code openme ca server}. */
@Command(
        name = "server",
        header = "Issues a doorman's certificate and key.",
        description = "Clients believe it under each of these names and addresses, and no other.",
        footer = {"", "Example:", "  openme ca server home.example 203.0.113.9 2001:db8::9"},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class CaServerCommand implements Callable<Integer> {
    private final Host host;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private CaOptions ca = new CaOptions();

    @Mixin
    private KeyProtection protection = new KeyProtection();

    @Parameters(index = "0", paramLabel = "NAME", description = "A host name or IPv4 address; its files are named so.")
    private String name = "";

    @Parameters(index = "1..*", paramLabel = "OTHER", description = "More host names and IP addresses.")
    private List<String> others = List.of();

    CaServerCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        Certificates.tellIssued(
                Program.line(spec),
                ca.directory(),
                name,
                ca.use(
                        host,
                        directory ->
                                protection.apply(host, name, secret -> directory.issueServer(name, others, secret))));
        return ExitCode.OK;
    }
}
