package io.openme.exec.backend;

import io.openme.exec.CommandException;
import io.openme.exec.CommandResult;
import io.openme.exec.CommandRunner;
import io.openme.exec.Limits;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;

/** Runs a tool of the host, and turns its not running to an end into a {@link FirewallException}. */
public final class HostTool {
    private final CommandRunner runner;
    private final String notInstalled;

    /**
     * A tool that is run behind a prefix.
     *
     * @param prefix what goes before each command; empty for none
     * @param notInstalled what to do about a program that is not there
     */
    public HostTool(List<String> prefix, String notInstalled) {
        this(new CommandRunner(prefix), notInstalled);
    }

    /**
     * One of several tools that change the same thing.
     *
     * @param runner the one of all of them, so that a change by one waits for what another has begun
     * @param notInstalled what to do about a program that is not there
     */
    public HostTool(CommandRunner runner, String notInstalled) {
        this.runner = runner;
        this.notInstalled = notInstalled;
    }

    /**
     * Runs a command to its end.
     *
     * @param input what it reads, in ASCII
     * @throws FirewallException if it did not come to an end; not for an exit code
     */
    public CommandResult run(List<String> command, String input, Limits limits) {
        return translate(() -> runner.run(command, input.getBytes(StandardCharsets.US_ASCII), limits));
    }

    /**
     * Runs a command that changes something to its end.
     *
     * @param input what it reads, in ASCII
     * @throws FirewallException if it did not come to an end; not for an exit code. {@link Reason#BUSY} if it was not run,
     *     since an earlier change was given up and may yet come
     */
    public CommandResult change(List<String> command, String input, Limits limits) {
        return translate(() -> runner.runAlone(command, input.getBytes(StandardCharsets.US_ASCII), limits));
    }

    /**
     * Finds out whether {@link #change} would run anything.
     *
     * @throws FirewallException {@link Reason#BUSY} if not
     */
    public void requireNonePending() {
        translate(() -> {
            runner.requireAlone();
            return new CommandResult(0, "", "");
        });
    }

    private CommandResult translate(Supplier<CommandResult> run) {
        try {
            return run.get();
        } catch (CommandException.NotFound e) {
            throw new FirewallException(Reason.NOT_INSTALLED, e.getMessage() + "; " + notInstalled, e);
        } catch (CommandException.StillRunning e) {
            throw new FirewallException(Reason.BUSY, String.valueOf(e.getMessage()), e);
        } catch (CommandException.TimedOut e) {
            throw new FirewallException(Reason.TIMED_OUT, String.valueOf(e.getMessage()), e);
        } catch (CommandException e) {
            throw new FirewallException(Reason.FAILED, String.valueOf(e.getMessage()), e);
        }
    }
}
