package io.openme.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code openme audit}: the parent of what is done with audit logs. */
@Command(
        name = "audit",
        header = "Looks after the doorman's audit log.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Examples:", "  openme audit verify /var/log/openme/audit.jsonl"},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
final class AuditCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    private AuditCommand() {}

    static CommandLine commandLine() {
        return new CommandLine(new AuditCommand()).addSubcommand(new AuditVerifyCommand());
    }

    @Override
    public void run() {
        throw new ParameterException(Program.line(spec), "say what to do, such as openme audit verify FILE");
    }
}
