package io.openme.cli.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A {@link ChaosDoorman} in its process, seen from the test. */
final class DoormanProcess {
    private static final int LAST_LINES = 60;
    private static final Duration ORPHAN = Duration.ofMillis(300);

    private final Process process;
    private final PrintStream commands;
    private final Map<Integer, Reply> replies = new HashMap<>();
    private final Deque<String> log = new ArrayDeque<>();
    private int asked;

    /**
     * What a command was answered.
     *
     * @param word OK, KO or FAILED
     * @param detail why it failed
     * @param at by {@link System#nanoTime()}
     */
    record Reply(String word, String detail, long at) {
        boolean ok() {
            return word.equals("OK");
        }
    }

    DoormanProcess(Path directory, String state, String backend, Map<String, String> options) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // Its file would be cut by the bound on files that stands for a full disk.
                "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                ChaosDoorman.class.getName()));
        line.addAll(List.of(directory.toString(), state, backend));
        options.forEach((key, value) -> line.add(key + "=" + value));
        process = new ProcessBuilder(line).start();
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        daemon(
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)),
                this::reply);
        daemon(
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8)),
                this::logged);
    }

    /** Hands a command over; its number. */
    int ask(String command) {
        commands.println(++asked + " " + command);
        return asked;
    }

    /** The answer to a command; empty if none has come by then. */
    synchronized Optional<Reply> answer(int id, long nanoTime) {
        try {
            while (!replies.containsKey(id) && process.isAlive() && nanoTime - System.nanoTime() > 0) {
                TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, nanoTime - System.nanoTime()));
            }
            return Optional.ofNullable(replies.get(id));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** No file grows beyond this any more; a negative one lifts the bound. */
    void boundFiles(long bytes) throws IOException, InterruptedException {
        String bound = bytes < 0 ? "unlimited:" : bytes + ":";
        Process prlimit = new ProcessBuilder("prlimit", "--pid", "" + process.pid(), "--fsize=" + bound)
                .inheritIO()
                .start();
        if (prlimit.waitFor() != 0 && process.isAlive()) {
            throw new IllegalStateException("prlimit failed");
        }
    }

    /**
     * Kills it as {@code kill -9} does. An nft that is under way comes to its end, as it would; one that hangs is killed,
     * as a service manager does with what is left of a service before it starts it anew.
     */
    void kill() throws InterruptedException {
        List<ProcessHandle> orphans = process.descendants().toList();
        process.destroyForcibly();
        process.waitFor();
        long end = System.nanoTime() + ORPHAN.toNanos();
        while (orphans.stream().anyMatch(ProcessHandle::isAlive) && System.nanoTime() - end < 0) {
            TimeUnit.MILLISECONDS.sleep(2);
        }
        orphans.forEach(ProcessHandle::destroyForcibly);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The last that it logged. */
    synchronized String log() {
        return String.join("\n", log);
    }

    private synchronized void reply(String line) {
        String[] words = line.split(" ", 3);
        replies.put(
                Integer.parseInt(words[0]), new Reply(words[1], words.length > 2 ? words[2] : "", System.nanoTime()));
        notifyAll();
    }

    private synchronized void logged(String line) {
        log.addLast(line);
        if (log.size() > LAST_LINES) {
            log.removeFirst();
        }
    }

    private synchronized void ended() {
        notifyAll();
    }

    private interface Sink {
        void take(String line);
    }

    private void daemon(BufferedReader lines, Sink sink) {
        Thread thread = new Thread(() -> {
            try (lines) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    sink.take(line);
                }
            } catch (IOException e) {
                logged("(killed: " + e.getMessage() + ")");
            } finally {
                ended();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}
