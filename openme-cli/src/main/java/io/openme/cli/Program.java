package io.openme.cli;

import ch.qos.logback.classic.Level;
import io.openme.spi.OpenmeException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code openme} program. */
@Command(
        name = "openme",
        header = "Opens firewall ports for clients that prove who they are, for a limited time.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  openme demo",
            "  openme ca init && openme ca server home.example && openme ca client me",
            "  openme check -c config.yaml && openme serve -c config.yaml",
            "  openme open -s home.example && ssh home.example",
            "",
            "The flags of the original programs work, too:",
            "  openme -c FILE                     openme serve -c FILE",
            "  openme -s HOST -o                  openme open -s HOST",
            "  openme -s HOST -m -i ADDRESS       openme close ADDRESS -s HOST",
            "  openme -s HOST -e                  openme status --me -s HOST"
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
public final class Program implements Runnable {
    private static final String FAULT = "this is a fault of the program: ";

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Log more, such as who was refused.")
    private boolean verbose;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Log everything, with stack traces.")
    private boolean debug;

    private Program() {}

    /** Runs the program and ends the JVM with its exit code. */
    public static void main(String... arguments) {
        System.exit(run(commandLine(Host.here()), arguments));
    }

    /** Runs it; the exit code. */
    static int run(CommandLine line, String... arguments) {
        try {
            return line.execute(OriginalFlags.translate(List.of(arguments)).toArray(String[]::new));
        } catch (UsageException e) {
            Messages.error(line, String.valueOf(e.getMessage()));
            return ExitCode.USAGE;
        } catch (Error e) {
            // Picocli lets errors through, and the JVM's own exit code would say that a server refused.
            Messages.error(line, FAULT + e);
            e.printStackTrace(line.getErr());
            return ExitCode.BUG;
        }
    }

    /** The program with all its commands. */
    static CommandLine commandLine(Host host) {
        Program program = new Program();
        CommandLine line = new CommandLine(program)
                .addSubcommand(new DemoCommand(host))
                .addSubcommand(new VisitCommand())
                .addSubcommand(new ServeCommand(host))
                .addSubcommand(new FirewallHelperCommand())
                .addSubcommand(new CheckCommand(host))
                .addSubcommand(new UninstallCommand(host))
                .addSubcommand(new OpenCommand(host))
                .addSubcommand(new CloseCommand(host))
                .addSubcommand(new StatusCommand(host))
                .addSubcommand(new HoldCommand(host))
                .addSubcommand(new PinCommand())
                .addSubcommand(CaCommand.commandLine(host))
                .addSubcommand(AuditCommand.commandLine())
                .addSubcommand(new CommandLine.HelpCommand())
                .addSubcommand(new AutoComplete.GenerateCompletion());
        return line.setExecutionStrategy(program::execute)
                .setParameterExceptionHandler(Program::wrongUsage)
                .setExecutionExceptionHandler(program::failed)
                .setUsageHelpAutoWidth(true);
    }

    /** The command line of a command that picocli has set up. */
    static CommandLine line(@Nullable CommandSpec spec) {
        return Objects.requireNonNull(spec, "picocli sets the spec").commandLine();
    }

    /** The program that this command is one of. */
    static Program of(@Nullable CommandSpec spec) {
        return (Program) line(spec).getCommandSpec().root().userObject();
    }

    /** The options that have another process of this program log as much. */
    List<String> logging() {
        return debug ? List.of("--debug") : verbose ? List.of("--verbose") : List.of();
    }

    /** Without a command. */
    @Override
    public void run() {
        throw new ParameterException(line(spec), "say what to do, such as openme open -s HOST");
    }

    private int execute(ParseResult parsed) {
        if (debug) {
            Logging.set(Level.DEBUG, true);
        } else if (verbose) {
            Logging.set(Level.DEBUG, false);
        }
        return new RunLast().execute(parsed);
    }

    private static int wrongUsage(ParameterException e, String[] arguments) {
        CommandLine line = e.getCommandLine();
        Messages.error(line, String.valueOf(e.getMessage()));
        PrintWriter err = line.getErr();
        UnmatchedArgumentException.printSuggestions(e, err);
        err.println("Try: " + line.getCommandSpec().qualifiedName() + " --help");
        err.flush();
        return ExitCode.USAGE;
    }

    private int failed(Exception e, CommandLine line, ParseResult parsed) {
        boolean known = e instanceof OpenmeException;
        Messages.error(
                line,
                known
                        ? String.valueOf(e.getMessage())
                        : FAULT + e + (debug ? "" : "; --debug shows where, please report it"));
        if (debug) {
            e.printStackTrace(line.getErr());
        }
        return known ? ExitCode.USAGE : ExitCode.BUG;
    }
}
