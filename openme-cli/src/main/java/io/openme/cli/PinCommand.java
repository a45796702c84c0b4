package io.openme.cli;

import io.openme.tls.Pin;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code openme pin}. */
@Command(
        name = "pin",
        header = "Prints the pin of a certificate's key.",
        description = {
            "Run it on the server. A client that is given --pin with it believes that server",
            "even if its certificate has another name, as those of easy-rsa often have.",
            "The pin stays the same when the certificate is renewed with the same key."
        },
        footer = {
            "",
            "Examples:",
            "  openme pin /etc/openme/server.crt",
            "  openme open -s 192.0.2.1 --pin sha256/BASE64"
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class PinCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The certificate (PEM); of a chain, its first.")
    private Path file = Path.of("");

    @Override
    public Integer call() {
        Program.line(spec).getOut().println(Pin.ofPem(file));
        return ExitCode.OK;
    }
}
