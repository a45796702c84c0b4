package io.openme.exec;

import java.io.File;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.commons.exec.CommandLine;
import org.jspecify.annotations.Nullable;

/**
 * Runs programs of the host and waits for them, each for a bounded time.
 *
 * <p>A program gets its arguments as they are: there is no shell that could read anything into them. It is looked for in
 * the system's own directories ({@code /usr/local/sbin} to {@code /bin}), whatever this JVM's PATH says, unless it is
 * given by its path. Its environment is {@code LC_ALL=C}, that PATH and {@code HOME=/nonexistent}, and nothing else.
 *
 * <p>A program that is over its deadline or its output's bound is ended: SIGTERM, then SIGKILL for it and its children.
 * One that survives even that, such as one in an uninterruptible sleep or of another user, is left behind. At most
 * {@value #MAX_RUNNING} programs run or are left behind at a time; a call beyond that waits within its deadline.
 *
 * <p>One that was left behind may do its work yet. So what changes something is run by {@link #runAlone}, which refuses to
 * run anything until that has ended: what is done then is done last.
 *
 * <p>Safe for use by several threads.
 */
public final class CommandRunner {
    static final int MAX_RUNNING = 16;

    private final List<String> prefix;
    private final Semaphore running = new Semaphore(MAX_RUNNING);
    private final AtomicReference<@Nullable Execution> alone = new AtomicReference<>();

    /**
     * A runner that puts {@code prefix} before each command, such as {@code sudo -n} or {@code ip netns exec blue}.
     *
     * @param prefix a program and its arguments; empty to run commands as they are
     */
    public CommandRunner(List<String> prefix) {
        this.prefix = List.copyOf(prefix);
    }

    /**
     * Runs a command to its end.
     *
     * @param command the program, by its name or path, and its arguments
     * @param input what it reads from standard input
     * @param limits the time and the output it may use
     * @return how it ended, whatever its exit code
     * @throws CommandException.NotFound if the program is not there
     * @throws CommandException.TimedOut if it, or a child that it left behind with its output, did not end by the
     *     deadline; thrown no later than two {@linkplain Limits#grace() graces} after it
     * @throws CommandException.OutputTooLong if it wrote more than it may
     * @throws CommandException if it could not be started, or the calling thread was interrupted; then the program is
     *     ended and the thread's interrupt status is set
     */
    public CommandResult run(List<String> command, byte[] input, Limits limits) {
        return run(command, input, limits, false);
    }

    /**
     * Runs a command that changes something, as {@link #run} does, and never beside another such command of this runner.
     *
     * @throws CommandException.StillRunning at once if an earlier one has not ended; nothing was run
     */
    public CommandResult runAlone(List<String> command, byte[] input, Limits limits) {
        return run(command, input, limits, true);
    }

    /**
     * Finds out whether {@link #runAlone} would run anything.
     *
     * @throws CommandException.StillRunning if not, since an earlier command has not ended
     */
    public void requireAlone() {
        Execution earlier = alone.get();
        if (earlier != null) {
            throw earlier.stillRunning();
        }
    }

    private CommandResult run(List<String> command, byte[] input, Limits limits, boolean byItself) {
        List<String> words = Stream.concat(prefix.stream(), command.stream()).toList();
        // Arguments can hold what is not for a log, so a message names the programs only.
        String name = String.join(" ", prefix) + (prefix.isEmpty() ? "" : " ") + command.get(0);
        CommandLine line = new CommandLine(locate(words.get(0)));
        words.subList(1, words.size()).forEach(word -> line.addArgument(word, false));

        long end = System.nanoTime() + limits.deadline().toNanos();
        reserve(name, limits);
        return start(name, line, input, limits, byItself).await(end - System.nanoTime());
    }

    private Execution start(String name, CommandLine line, byte[] input, Limits limits, boolean byItself) {
        boolean started = false;
        boolean entered = false;
        try {
            Execution execution = new Execution(name, line, input, limits);
            while (byItself && !entered) {
                requireAlone();
                entered = alone.compareAndSet(null, execution);
            }
            execution.start(() -> left(byItself));
            started = true;
            return execution;
        } catch (OutOfMemoryError e) { // no memory for the input, or no thread to be had
            throw new CommandException(name + " could not be run: " + e.getMessage(), e);
        } finally {
            if (!started) {
                left(entered);
            }
        }
    }

    private void left(boolean wasAlone) {
        if (wasAlone) {
            alone.set(null);
        }
        running.release();
    }

    private static File locate(String program) {
        return SafePath.find(program)
                .orElseThrow(() -> new CommandException.NotFound(program + " is not installed: no such program"
                        + (program.contains("/") ? "" : " in " + SafePath.VALUE)))
                .toFile();
    }

    private void reserve(String name, Limits limits) {
        try {
            if (!running.tryAcquire(limits.deadline().toNanos(), TimeUnit.NANOSECONDS)) {
                throw new CommandException.TimedOut(name + " was not run: " + MAX_RUNNING
                        + " earlier commands still run and can't be ended; look for them with ps");
            }
        } catch (InterruptedException e) {
            throw Execution.interrupted(name, e);
        }
    }
}
