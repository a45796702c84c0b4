package io.openme.cli;

import io.openme.cli.demo.LoopbackStage;
import io.openme.cli.demo.NamespaceStage;
import io.openme.cli.demo.NamespaceStage.NotPossible;
import io.openme.cli.demo.Stage.Program.Said;
import io.openme.cli.demo.Story;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code openme demo}. */
@Command(
        name = "demo",
        header = "Shows the whole story: refused, knock, served, expired.",
        description = {
            "Makes a CA, a doorman and a guarded server, and lets Alice, Mallory and a stranger try the door.",
            "Where network namespaces and nft can be used - root is not needed - it is the kernel's firewall,",
            "in namespaces that end with the demo; elsewhere a firewall inside this process.",
            "Nothing of it touches this host's network or firewall, and nothing stays."
        },
        footer = {"", "Example:", "  openme demo", "", "Exit codes: 0 everything was as it should, 1 something was not."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class DemoCommand implements Callable<Integer> {
    private final Host host;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--in-process", description = "Leave the kernel alone even where it could be used.")
    private boolean inProcess;

    @Option(names = "--in-namespace", hidden = true)
    private boolean inNamespace;

    DemoCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        CommandLine line = Program.line(spec);
        PrintWriter out = line.getOut();
        if (inNamespace) {
            try (NamespaceStage stage = NamespaceStage.setUp()) {
                return new Story(stage, out).tell() ? ExitCode.OK : ExitCode.REFUSED;
            } catch (NotPossible e) {
                Messages.warn(line, String.valueOf(e.getMessage()));
                return NamespaceStage.NOT_POSSIBLE;
            }
        }
        String why = "as you wish";
        if (!inProcess) {
            try {
                return NamespaceStage.tellInNamespace();
            } catch (NotPossible e) {
                why = String.valueOf(e.getMessage());
            }
        }
        try (LoopbackStage stage = LoopbackStage.setUp(this::run, why)) {
            return new Story(stage, out).tell() ? ExitCode.OK : ExitCode.REFUSED;
        }
    }

    /** Runs a command of this program in this process. */
    private Said run(String... arguments) {
        StringWriter said = new StringWriter();
        PrintWriter writer = new PrintWriter(said);
        int exitCode = Program.run(Program.commandLine(host).setOut(writer).setErr(writer), arguments);
        return new Said(exitCode, said.toString());
    }
}
