package io.openme.cli.split;

import io.openme.exec.CommandException;
import io.openme.exec.CommandRunner;
import io.openme.exec.Limits;
import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The process that faces the network: this program once more, as a user without privileges. */
public final class NetworkProcess {
    private static final Logger LOG = LoggerFactory.getLogger(NetworkProcess.class);
    /**
     * Longer than a doorman takes to close, unless the firewall is slow, and well below what service managers wait (90 s by
     * systemd) before they kill both: the helper has to close what this one left open.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Limits LIMITS = Limits.of(Duration.ofSeconds(10));
    /**
     * What a doorman needs of an environment, and nothing that could be root's secret. This process ends with the other, so the
     * watchdog of a service manager is the other's to feed: without WATCHDOG_PID, which names this one.
     */
    private static final Pattern INHERITED = Pattern.compile("PATH|LANG|LC_[A-Z]+|TZ|NOTIFY_SOCKET|WATCHDOG_USEC");

    private final Process process;
    private final OutputRelay output;

    private NetworkProcess(Process process) {
        this.process = process;
        this.output = OutputRelay.start(process.getInputStream(), System.err);
    }

    /**
     * Starts it. It is ended with the calling thread, which therefore has to stay. It has a session of its own, no terminal,
     * no input and, of the environment, the language, the time zone and where a service manager is told how it is; what it
     * writes, this process writes to its error output.
     *
     * @param arguments the program's
     * @param readable the files that it needs
     * @param state where doormen remember
     * @throws OpenmeException if it can't be started, or can't read what it needs
     */
    public static NetworkProcess start(Peer peer, List<String> arguments, Collection<Path> readable, Path state) {
        String classPath = System.getProperty("java.class.path");
        Unprivileged user = new Unprivileged(peer);
        List<Path> needed = new ArrayList<>(readable);
        for (String part : classPath.split(System.getProperty("path.separator"), -1)) {
            needed.add(Path.of(part));
        }
        user.requireReadable(needed);
        warnOfOthers(peer);
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // What was said of the heap was meant for the process that does the work.
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", classPath, "io.openme.cli.Program"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(user.command(command))
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> !INHERITED.matcher(name).matches());
        builder.environment().put("STATE_DIRECTORY", state.toString());
        try {
            Process process = builder.start();
            LOG.info("Process {} faces the network, as user {}", process.pid(), peer.name());
            return new NetworkProcess(process);
        } catch (IOException e) {
            throw new OpenmeException("the process that faces the network can't be started: " + e.getMessage(), e);
        }
    }

    /** One user is no boundary to itself: who is left of a doorman that was taken over can take the next one over. */
    private static void warnOfOthers(Peer peer) {
        String user = peer.principal().getName();
        String others = ProcessHandle.allProcesses()
                .filter(each -> each.info().user().filter(user::equals).isPresent())
                .map(each -> Long.toString(each.pid()))
                .collect(Collectors.joining(", "));
        if (!others.isEmpty()) {
            LOG.warn(
                    "User {} has processes already: {}. What a doorman that was taken over has left behind could take this one"
                            + " over; end what need not be, or name a user of its own by --user",
                    peer.name(),
                    others);
        }
    }

    /** Waits for its end, and passes on what it said until then; false if it has not ended in that time. */
    public boolean await(Duration atMost) throws InterruptedException {
        boolean ended = process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
        if (ended) {
            output.await();
        }
        return ended;
    }

    /** Its exit code; above 128 it was ended by signal {@code code - 128}. It has ended. */
    public int exitCode() {
        return process.exitValue();
    }

    /** Has it read its files anew. */
    public void hangUp() {
        try {
            new CommandRunner(List.of()).run(List.of("kill", "-HUP", "" + process.pid()), new byte[0], LIMITS);
        } catch (CommandException e) {
            LOG.warn("Process {} could not be told to read its files anew: {}", process.pid(), e.getMessage());
        }
    }

    /** Has it close every opening and end, and waits for that. */
    public void end() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("Process {} did not end, and is killed", process.pid());
                process.destroyForcibly().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            output.await();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
