package io.openme.cli;

import io.openme.cli.config.Durations;
import io.openme.knocker.KnockResult;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Reply;
import io.openme.protocol.Request;
import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code openme open}. */
@Command(
        name = "open",
        header = "Asks a doorman to open its ports.",
        description = {
            "For the address that the doorman sees this knock come from, or for ADDRESS (a guest).",
            "When it says OK, the ports can be connected to."
        },
        footer = {
            "",
            "Your identity is --cert, --key and --ca (PEM), or --p12 and --ca;",
            "without them client.crt, client.key and ca.crt in ~/.config/openme.",
            "",
            "Examples:",
            "  openme open -s home.example && ssh home.example",
            "  openme open -s home.example --cert me.crt --key me.key --ca ca.crt",
            "  openme open -s home.example --p12 me.p12 --ca ca.crt",
            "  openme open 198.51.100.7 -s home.example",
            "  openme open -s home.example --for 20m --service ssh",
            "",
            "Exit codes: 0 opened, 1 refused, 2 wrong usage,",
            "  3 unreachable or timed out, 4 not authenticated (either side)."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class OpenCommand implements Callable<Integer> {
    private final Host host;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "ADDRESS",
            converter = Converters.Address.class,
            description = "Open for this IP address.")
    private Optional<InetAddress> address = Optional.empty();

    @Mixin
    private GrantOptions grant = new GrantOptions();

    @Mixin
    private KnockOptions options = new KnockOptions();

    OpenCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        CommandLine line = Program.line(spec);
        KnockResult result = options.ask(
                host, line, new Request.Open(address, grant.services(), grant.lifetime(), Optional.empty()));
        if (result.granted()) {
            line.getOut()
                    .println("OK: " + options.doorman() + " opened for " + opened(result) + " ("
                            + result.elapsed().toMillis() + " ms)");
            line.getOut().flush();
        }
        return KnockOptions.exitCode(result);
    }

    private String opened(KnockResult result) {
        return result.reply()
                .map(Reply.Opened.class::cast)
                .map(reply -> IpLiteral.format(reply.address()) + ": " + Texts.services(reply.services()) + ", for "
                        + Durations.format(reply.lifetime()))
                .orElseGet(() -> address.map(IpLiteral::format).orElse("this host"));
    }
}
