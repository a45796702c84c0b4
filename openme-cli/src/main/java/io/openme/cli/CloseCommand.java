package io.openme.cli;

import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code openme close}. */
@Command(
        name = "close",
        header = "Asks a doorman to close what you opened.",
        description = {
            "For the address that the doorman sees this knock come from, or for ADDRESS (a guest).",
            "Connections that are established stay."
        },
        footer = {
            "",
            "Your identity is given as for open; see: openme open --help",
            "",
            "Examples:",
            "  openme close -s home.example",
            "  openme close 198.51.100.7 -s home.example",
            "",
            "Exit codes: 0 closed, 1 refused, 2 wrong usage,",
            "  3 unreachable or timed out, 4 not authenticated (either side)."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class CloseCommand implements Callable<Integer> {
    private final Host host;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "ADDRESS",
            converter = Converters.Address.class,
            description = "Close for this IP address.")
    private Optional<InetAddress> address = Optional.empty();

    @Mixin
    private KnockOptions options = new KnockOptions();

    CloseCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        return options.knock(
                host,
                Program.line(spec),
                address.map(io.openme.protocol.Command::closeFor).orElseGet(io.openme.protocol.Command::close));
    }
}
