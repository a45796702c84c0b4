package io.openme.exec.backend;

import io.openme.exec.CommandException;
import io.openme.exec.CommandResult;
import io.openme.exec.CommandRunner;
import io.openme.exec.Limits;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs a tool of the host, and turns its not running to an end into a {@link FirewallException}. */
public final class HostTool {
    private final List<String> prefix;
    private final CommandRunner runner;
    private final String notInstalled;

    /**
     * A tool that is run behind a prefix.
     *
     * @param prefix what goes before each command; empty for none
     * @param notInstalled what to do about a program that is not there
     */
    public HostTool(List<String> prefix, String notInstalled) {
        this.prefix = List.copyOf(prefix);
        this.runner = new CommandRunner(prefix);
        this.notInstalled = notInstalled;
    }

    /**
     * Runs a command to its end.
     *
     * @param input what it reads, in ASCII
     * @throws FirewallException if it did not come to an end; not for an exit code
     */
    public CommandResult run(List<String> command, String input, Limits limits) {
        try {
            return runner.run(command, input.getBytes(StandardCharsets.US_ASCII), limits);
        } catch (CommandException.NotFound e) {
            throw new FirewallException(
                    Reason.NOT_INSTALLED,
                    e.getMessage() + "; " + (prefix.isEmpty() ? notInstalled : "install it, or set the option command"),
                    e);
        } catch (CommandException.TimedOut e) {
            throw new FirewallException(Reason.TIMED_OUT, String.valueOf(e.getMessage()), e);
        } catch (CommandException e) {
            throw new FirewallException(Reason.FAILED, String.valueOf(e.getMessage()), e);
        }
    }

    /** What tells in this result that the tool may not change the firewall, if something does, with what to do about that. */
    public Sign notPermitted(CommandResult result) {
        return Permission.sign(prefix, Rights.ofThisProcess(), result);
    }
}
