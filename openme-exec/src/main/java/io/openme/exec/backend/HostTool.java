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
        this(List.copyOf(prefix), new CommandRunner(prefix), notInstalled);
    }

    private HostTool(List<String> prefix, CommandRunner runner, String notInstalled) {
        this.prefix = prefix;
        this.runner = runner;
        this.notInstalled = notInstalled;
    }

    /** Another tool behind the same prefix, whose commands that run alone never run beside this one's. */
    public HostTool and(String otherNotInstalled) {
        return new HostTool(prefix, runner, otherNotInstalled);
    }

    /**
     * Runs a command to its end.
     *
     * @param input what it reads, in ASCII
     * @throws FirewallException if it did not come to an end; not for an exit code
     */
    public CommandResult run(List<String> command, String input, Limits limits) {
        return typed(() -> runner.run(command, bytes(input), limits));
    }

    /**
     * Runs a command that changes the host, as {@link #run} does, unless an earlier one may yet do its work.
     *
     * @throws FirewallException also, with {@link Reason#BUSY}, if one may; then nothing was run
     */
    public CommandResult runAlone(List<String> command, String input, Limits limits) {
        return typed(() -> runner.runAlone(command, bytes(input), limits));
    }

    /**
     * Finds out whether {@link #runAlone} would run anything.
     *
     * @throws FirewallException with {@link Reason#BUSY} if not
     */
    public void requireAlone() {
        typed(() -> {
            runner.requireAlone();
            return true;
        });
    }

    private <T> T typed(Supplier<T> running) {
        try {
            return running.get();
        } catch (CommandException.NotFound e) {
            throw new FirewallException(
                    Reason.NOT_INSTALLED,
                    e.getMessage() + "; " + (prefix.isEmpty() ? notInstalled : "install it, or set the option command"),
                    e);
        } catch (CommandException.StillRunning e) {
            throw new FirewallException(Reason.BUSY, String.valueOf(e.getMessage()), e);
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

    private static byte[] bytes(String input) {
        return input.getBytes(StandardCharsets.US_ASCII);
    }
}
