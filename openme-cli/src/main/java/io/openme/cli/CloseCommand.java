package io.openme.cli;

import io.openme.knocker.KnockResult;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Request;
import io.openme.protocol.Request.Where;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
            "  openme close --all --service ssh -s home.example",
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

    @Option(
            names = "--service",
            paramLabel = "NAME",
            split = ",",
            description = "Close only this service; can be given more than once.")
    private List<String> services = List.of();

    @Option(names = "--all", description = "Close for all addresses.")
    private boolean all;

    @Option(
            names = "--client",
            paramLabel = "FINGERPRINT",
            description = "For administrators: close what the client with this certificate opened.")
    private Optional<String> client = Optional.empty();

    @Mixin
    private KnockOptions options = new KnockOptions();

    CloseCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        if (all && address.isPresent()) {
            throw new UsageException("--all closes for all addresses; leave out "
                    + address.map(IpLiteral::format).orElse(""));
        }
        CommandLine line = Program.line(spec);
        KnockResult result = options.ask(
                host, line, new Request.Close(where(), Set.copyOf(services), client.map(CloseCommand::fingerprint)));
        if (result.granted()) {
            line.getOut()
                    .println("OK: " + options.doorman() + " closed for " + target()
                            + result.reply()
                                    .map(reply -> ": " + result.detail())
                                    .orElse("")
                            + " (" + result.elapsed().toMillis() + " ms)");
            line.getOut().flush();
        }
        return KnockOptions.exitCode(result);
    }

    private Where where() {
        // Where this host is has nothing to do with what another client opened.
        Where unnamed = all || client.isPresent() ? new Where.Everywhere() : new Where.Here();
        return address.<Where>map(Where.At::new).orElse(unnamed);
    }

    private String target() {
        return where() instanceof Where.Everywhere
                ? "all addresses"
                : address.map(IpLiteral::format).orElse("this host");
    }

    /** As other programs print it, too: with colons, in capital letters. */
    private static String fingerprint(String text) {
        String hex = text.replace(":", "").toLowerCase(Locale.ROOT);
        if (!hex.matches("[0-9a-f]{64}")) {
            throw new UsageException("\"" + text + "\" is no fingerprint; it is the SHA-256 of a certificate, 64"
                    + " hexadecimal digits, as openme status --all --json shows it");
        }
        return hex;
    }
}
