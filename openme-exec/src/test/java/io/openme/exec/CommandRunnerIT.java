package io.openme.exec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CommandRunnerIT {
    private static final Limits AMPLE = Limits.of(Duration.ofSeconds(30));
    private static final Limits SHORT = new Limits(Duration.ofMillis(300), Duration.ofMillis(200), 1 << 20);

    private final CommandRunner runner = new CommandRunner(List.of());

    @Test
    void tellsTheExitCodeAndBothOutputs() {
        CommandResult result = sh("echo out; echo err >&2; exit 3", AMPLE);

        assertThat(result).isEqualTo(new CommandResult(3, "out\n", "err\n"));
        assertThat(result.succeeded()).isFalse();
    }

    @Test
    void handsOverItsInput() {
        assertThat(runner.run(List.of("cat"), "Grüße\n".getBytes(UTF_8), AMPLE).output())
                .isEqualTo("Grüße\n");
    }

    @Test
    void acceptsAProgramThatLeavesItsInputUnread() {
        assertThat(runner.run(List.of("true"), new byte[1 << 20], AMPLE)).isEqualTo(new CommandResult(0, "", ""));
    }

    @Test
    void passesArgumentsUntouchedByAnyShell() {
        String nasty = "a b \"c\" 'd' $HOME ${x} `id`; * \\ ü";

        assertThat(runner.run(List.of("printf", "%s|", nasty, ""), new byte[0], AMPLE)
                        .output())
                .isEqualTo(nasty + "||");
    }

    @Test
    void givesAnEnvironmentMadeFromScratch() {
        assertThat(runner.run(List.of("env"), new byte[0], AMPLE).output().lines())
                .containsExactlyInAnyOrder(
                        "LC_ALL=C",
                        "HOME=/nonexistent",
                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    }

    @Test
    void putsThePrefixBeforeTheCommand() {
        CommandRunner prefixed = new CommandRunner(List.of("env", "-i", "MARK=1"));

        assertThat(prefixed.run(List.of("env"), new byte[0], AMPLE).output()).isEqualTo("MARK=1\n");
    }

    @Test
    void saysThatAProgramIsMissing() {
        assertThatThrownBy(() -> run("no-such-program"))
                .isInstanceOf(CommandException.NotFound.class)
                .hasMessageContaining("no-such-program")
                .hasMessageContaining("/usr/sbin");
        assertThatThrownBy(() -> run("/nonexistent/program")).isInstanceOf(CommandException.NotFound.class);
    }

    @Test
    void saysThatAProgramCanNotBeStarted(@TempDir Path directory) throws IOException {
        Path script = Files.writeString(directory.resolve("script"), "#!/nonexistent/interpreter\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();

        assertThatThrownBy(() -> run(script.toString()))
                .isExactlyInstanceOf(CommandException.class)
                .hasMessageContaining("script could not be run");
    }

    @Test
    void endsAProgramAtItsDeadline() {
        assertThat(timed(() -> run("sleep", "60"))).isInstanceOf(CommandException.TimedOut.class);
        assertThat(children()).isEmpty();
    }

    @Test
    void killsAProgramThatIgnoresTheRequestToEnd() {
        Throwable thrown = timed(() -> sh("trap '' TERM; sleep 60 & wait; sleep 60", SHORT));

        assertThat(thrown).isInstanceOf(CommandException.TimedOut.class).hasMessageContaining("was ended");
        assertThat(children()).isEmpty();
    }

    @Test
    void doesNotWaitForAnOrphanThatHoldsTheOutput(@TempDir Path directory) throws IOException {
        Path pid = directory.resolve("pid");
        try {
            Limits limits = new Limits(Duration.ofSeconds(3), Duration.ofMillis(100), 1000);
            Throwable thrown =
                    timed(() -> sh("(sh -c 'echo $$ > " + pid + "; exec setsid sleep 60' &) ; sleep 1", limits));

            assertThat(thrown)
                    .isInstanceOf(CommandException.TimedOut.class)
                    .hasMessageContaining("could not be killed");
        } finally {
            ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void changesNothingWhileAnEarlierChangeThatCouldNotBeEndedMayYetComeTrue(@TempDir Path directory) throws Exception {
        Path pid = directory.resolve("pid");
        // Out of reach of its killer, as the child of sudo is for an unprivileged process.
        String outlives = "(setsid sh -c 'echo $$ > " + pid + "; exec sleep 60' &) ; sleep 60";
        Limits limits = new Limits(Duration.ofMillis(700), Duration.ofMillis(100), 1000);
        assertThat(catchThrowable(() -> runner.runAlone(List.of("sh", "-c", outlives), new byte[0], limits)))
                .isInstanceOf(CommandException.TimedOut.class)
                .hasMessageContaining("could not be killed");

        assertThatThrownBy(() -> runner.runAlone(List.of("true"), new byte[0], AMPLE))
                .isInstanceOf(CommandException.StillRunning.class)
                .hasMessageContaining("sh still runs");
        assertThatThrownBy(runner::requireAlone).isInstanceOf(CommandException.StillRunning.class);
        assertThat(run("true").succeeded()).as("what only looks").isTrue();

        ProcessHandle late =
                ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
        late.destroyForcibly();
        late.onExit().join();
        CommandResult result = null;
        while (result == null) {
            try {
                result = runner.runAlone(List.of("echo", "now"), new byte[0], AMPLE);
            } catch (CommandException.StillRunning e) {
                Thread.onSpinWait(); // Its end is still on its way here; the test has a time limit.
            }
        }
        assertThat(result.output()).isEqualTo("now\n");
    }

    @Test
    void letsTheNextChangeFollowAtOnce() {
        for (int i = 0; i < 50; i++) {
            assertThat(runner.runAlone(List.of("true"), new byte[0], AMPLE).succeeded())
                    .isTrue();
        }
        assertThatThrownBy(() -> runner.runAlone(List.of("no-such-program"), new byte[0], AMPLE))
                .isInstanceOf(CommandException.NotFound.class);
        assertThat(catchThrowable(() -> runner.runAlone(List.of("sleep", "60"), new byte[0], SHORT)))
                .isInstanceOf(CommandException.TimedOut.class)
                .hasMessageContaining("was ended");
        assertThat(runner.runAlone(List.of("true"), new byte[0], AMPLE).succeeded())
                .isTrue();
    }

    @Test
    void endsAProgramThatWritesTooMuch() {
        Throwable thrown = timed(() -> runner.run(List.of("yes"), new byte[0], AMPLE.withOutputBytes(100_000)));

        assertThat(thrown).isInstanceOf(CommandException.OutputTooLong.class).hasMessageContaining("100000 bytes");
        assertThat(children()).isEmpty();
    }

    @Test
    void acceptsOutputUpToTheBound() {
        Limits limits = AMPLE.withOutputBytes(5);

        assertThat(sh("printf 12345", limits).output()).isEqualTo("12345");
        assertThatThrownBy(() -> sh("printf 123456", limits)).isInstanceOf(CommandException.OutputTooLong.class);
    }

    @Test
    void endsTheProgramOfAnInterruptedCaller() throws Exception {
        CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        CompletableFuture<Boolean> stillInterrupted = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            outcome.complete(catchThrowable(() -> sh("sleep 60", AMPLE)));
            stillInterrupted.complete(Thread.currentThread().isInterrupted());
        });
        caller.start();
        caller.interrupt();

        assertThat(outcome.get(10, TimeUnit.SECONDS)).isInstanceOf(CommandException.class);
        assertThat(stillInterrupted.get(10, TimeUnit.SECONDS)).isTrue();
        for (ProcessHandle child : children()) {
            child.onExit().get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void runsInDaemonThreadsOfItsOwnName() {
        CompletableFuture<List<Thread>> during = new CompletableFuture<>();
        Thread observer = new Thread(() -> {
            List<Thread> seen = List.of();
            while (seen.size() < 3) {
                seen = Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith("openme-exec"))
                        .toList();
            }
            during.complete(seen);
        });
        observer.setDaemon(true);
        observer.start();
        timed(() -> run("sleep", "60"));

        assertThat(during.join()).allMatch(Thread::isDaemon);
    }

    @Test
    void refusesToPileUpProgramsThatCanNotBeEnded(@TempDir Path directory) throws IOException {
        Path pids = Files.createFile(directory.resolve("pids"));
        String orphan = "(sh -c 'echo $$ >> " + pids + "; exec setsid sleep 60' &) ; sleep 0.05";
        Limits tiny = new Limits(Duration.ofMillis(200), Duration.ofMillis(1), 1000);
        try {
            // Not each leaves an orphan that counts: it may be ended before it has one, or be gone before it is read.
            String said;
            do {
                said = String.valueOf(catchThrowable(() -> sh(orphan, tiny)));
            } while (!said.contains("was not run"));

            assertThat(Files.readAllLines(pids)).hasSizeGreaterThanOrEqualTo(CommandRunner.MAX_RUNNING);
        } finally {
            try (Stream<String> lines = Files.lines(pids)) {
                lines.forEach(pid -> ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly));
            }
        }
        assertThat(sh("echo again", AMPLE).output()).isEqualTo("again\n");
    }

    @Test
    // No input stands in for a copy of it that finds no memory: it fails at the same place.
    @SuppressWarnings("NullAway")
    void losesNoPlaceToACommandThatCanNotBeStarted() {
        byte[] missing = null;
        for (int i = 0; i < CommandRunner.MAX_RUNNING; i++) {
            assertThatThrownBy(() -> runner.run(List.of("true"), missing, SHORT))
                    .isInstanceOf(NullPointerException.class);
        }

        assertThat(run("true").succeeded()).isTrue();
    }

    private CommandResult run(String... command) {
        return runner.run(List.of(command), new byte[0], SHORT);
    }

    private CommandResult sh(String script, Limits limits) {
        return runner.run(List.of("sh", "-c", script), new byte[0], limits);
    }

    /** What it threw, within the deadline and both graces of {@link #SHORT} plus what a busy machine needs. */
    private static Throwable timed(Runnable command) {
        long start = System.nanoTime();
        Throwable thrown = catchThrowable(command::run);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        return thrown;
    }

    private static List<ProcessHandle> children() {
        return ProcessHandle.current()
                .descendants()
                .filter(ProcessHandle::isAlive)
                .toList();
    }
}
