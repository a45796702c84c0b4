package io.openme.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code openme ca}: the parent of the CA's commands. */
@Command(
        name = "ca",
        header = "Makes certificates for doormen and their clients.",
        description = {
            "A CA is a directory (--dir, by default ./pki): ca.crt, ca.key, NAME.crt and NAME.key of what it issued, and"
                    + " crl.pem. Keys are readable by their owner only; nothing is ever lost.",
            "A doorman needs ca.crt, its own certificate and key, and crl.pem; a client ca.crt and its own two. ca.key"
                    + " stays where it is."
        },
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  openme ca init",
            "  openme ca server home.example 203.0.113.9",
            "  openme ca client alice",
            "  openme ca revoke alice"
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
final class CaCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    private CaCommand() {}

    static CommandLine commandLine(Host host) {
        return new CommandLine(new CaCommand())
                .addSubcommand(new CaInitCommand(host))
                .addSubcommand(new CaServerCommand(host))
                .addSubcommand(new CaClientCommand(host))
                .addSubcommand(new CaRenewCommand(host))
                .addSubcommand(new CaRevokeCommand(host))
                .addSubcommand(new CaCrlCommand(host))
                .addSubcommand(new CaListCommand(host))
                .addSubcommand(new CaExportCommand(host))
                .addSubcommand(new CaImportCommand(host));
    }

    @Override
    public void run() {
        throw new ParameterException(Program.line(spec), "say what to do, such as openme ca init");
    }
}
