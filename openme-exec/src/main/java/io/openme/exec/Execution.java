package io.openme.exec;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.commons.exec.CommandLine;
import org.apache.commons.exec.DefaultExecutor;
import org.apache.commons.exec.PumpStreamHandler;
import org.jspecify.annotations.Nullable;

/**
 * One run of one program.
 *
 * <p>Everything that can block without a bound (fork, write, read, wait) is done by threads of its own, so that the
 * caller's deadline holds whatever the program does. Those threads end when the program does.
 */
final class Execution {
    private static final String KILL_FAILED = ", and it, or a child that holds its output, could not be killed";
    private static final Map<String, String> ENVIRONMENT =
            Map.of("LC_ALL", "C", "PATH", SafePath.VALUE, "HOME", "/nonexistent");

    private final String name;
    private final CommandLine line;
    private final byte[] input;
    private final Limits limits;
    private final BoundedOutput output;
    private final BoundedOutput errors;
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();
    private final CountDownLatch finished = new CountDownLatch(1);
    private @Nullable Process process;
    private boolean abandoned;

    Execution(String name, CommandLine line, byte[] input, Limits limits) {
        this.name = name;
        this.line = line;
        this.input = input.clone();
        this.limits = limits;
        this.output = new BoundedOutput(limits.outputBytes(), this::overflow);
        this.errors = new BoundedOutput(limits.outputBytes(), this::overflow);
    }

    /**
     * Starts the program; {@code onEnd} is run once, when it and its output have come to an end, and before anybody else
     * hears of that.
     */
    void start(Runnable onEnd) {
        named("openme-exec", new Thread(() -> run(onEnd))).start();
    }

    private void run(Runnable onEnd) {
        try {
            int code = execute();
            onEnd.run();
            exitCode.complete(code);
        } catch (IOException | RuntimeException | Error e) { // such as for want of threads
            // It may run by now, with nobody there to read from it or wait for it.
            Optional<Process> left = abandon();
            left.ifPresent(Execution::kill);
            exitCode.completeExceptionally(e);
            left.ifPresent(process -> process.onExit().join());
            onEnd.run();
        } finally {
            finished.countDown();
        }
    }

    /** Waits for the end, at most for so long. Whenever this throws, the program has been told to end. */
    CommandResult await(long nanos) {
        try {
            return new CommandResult(exitCode.get(nanos, TimeUnit.NANOSECONDS), output.text(), errors.text());
        } catch (TimeoutException e) {
            throw new CommandException.TimedOut(
                    name + " did not end within " + limits.deadline() + (end() ? " and was ended" : KILL_FAILED));
        } catch (InterruptedException e) {
            abandon().ifPresent(Execution::kill);
            throw interrupted(name, e);
        } catch (ExecutionException e) {
            end();
            if (e.getCause() instanceof CommandException.OutputTooLong tooLong) {
                throw tooLong;
            }
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw new CommandException(name + " could not be run: " + cause.getMessage(), cause);
        }
    }

    CommandException.StillRunning stillRunning() {
        Optional<Long> pid = pid();
        return new CommandException.StillRunning("an earlier " + name + " still runs"
                + pid.map(id -> " as process " + id).orElse("")
                + " and may do its work yet, so nothing is changed until it has ended; end it"
                + pid.map(id -> ": kill -9 " + id).orElse(""));
    }

    private synchronized Optional<Long> pid() {
        return Optional.ofNullable(process).map(Process::pid);
    }

    static CommandException interrupted(String name, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new CommandException("the wait for " + name + " was interrupted", cause);
    }

    private int execute() throws IOException {
        DefaultExecutor executor = new ExecutorThatTellsItsProcess();
        executor.setExitValues(null); // every exit code is a result
        executor.setStreamHandler(new NamedPumps());
        return executor.execute(line, ENVIRONMENT);
    }

    private void overflow() {
        exitCode.completeExceptionally(new CommandException.OutputTooLong(
                name + " wrote more than " + limits.outputBytes() + " bytes and was ended"));
    }

    /** Whether all of it came to an end: the program and whatever held its output. */
    private boolean end() {
        Optional<Process> started = abandon();
        // A child is found through its parent only, so they are listed while the parent lives.
        List<ProcessHandle> family = started.stream()
                .flatMap(parent -> Stream.concat(parent.descendants(), Stream.of(parent.toHandle())))
                .toList();
        started.ifPresent(Process::destroy);
        finishesWithinGrace();
        family.forEach(ProcessHandle::destroyForcibly);
        started.ifPresent(Execution::kill);
        return finishesWithinGrace();
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private synchronized Optional<Process> abandon() {
        abandoned = true;
        return Optional.ofNullable(process);
    }

    /** A fork can hang, too; then nobody waits for the program any more when it comes. */
    private synchronized void started(Process started) {
        process = started;
        if (abandoned) {
            kill(started);
        }
    }

    private boolean finishesWithinGrace() {
        try {
            return finished.await(limits.grace().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Thread named(String name, Thread thread) {
        thread.setName(name);
        thread.setDaemon(true);
        return thread;
    }

    /** Commons Exec keeps the process to itself, and its watchdog knows no SIGKILL. */
    private final class ExecutorThatTellsItsProcess extends DefaultExecutor {
        // The builder makes a DefaultExecutor and can't be told to make this.
        @SuppressWarnings("deprecation")
        ExecutorThatTellsItsProcess() {}

        @Override
        protected Process launch(CommandLine command, Map<String, String> environment, @Nullable Path directory)
                throws IOException {
            Process started = super.launch(command, environment, directory);
            started(started);
            return started;
        }
    }

    private final class NamedPumps extends PumpStreamHandler {
        NamedPumps() {
            super(output, errors, new ByteArrayInputStream(input));
        }

        @Override
        protected Thread createPump(InputStream from, OutputStream to, boolean closeWhenExhausted) {
            Thread pump = named("openme-exec-pump", super.createPump(from, to, closeWhenExhausted));
            // A part of the output must not pass for all of it.
            pump.setUncaughtExceptionHandler((thread, error) -> exitCode.completeExceptionally(error));
            return pump;
        }
    }
}
