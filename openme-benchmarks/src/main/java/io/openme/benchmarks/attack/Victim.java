package io.openme.benchmarks.attack;

import io.openme.benchmarks.attack.Table.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The doorman that is attacked: the real program, in a process of its own, with the kernel's firewall. */
final class Victim implements AutoCloseable {
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");
    private static final int MEGABYTE = 1024 * 1024;

    /** The deadlines of a connection are over long before. */
    private static final Duration RETURN = Duration.ofSeconds(60);

    private final Process process;
    private final Figures figures;
    private final Path log;

    /**
     * How it is started.
     *
     * @param descriptors how many it may have
     * @param configuration lines besides the usual ones
     */
    record Setup(int descriptors, List<String> configuration) {}

    /** Starts one; its log goes to {@code doorman.log} in this directory, where the certificates are. */
    Victim(Arena arena, Path directory, Setup setup, int heapMegabytes) throws IOException {
        Path configuration = directory.resolve("doorman.yaml");
        // Without limits of the kernel and of each client, which would keep away what is to be measured.
        Files.writeString(
                configuration,
                """
                listen: ["0.0.0.0:%d", "[::]:%d"]
                listen-limit: 100000/1s
                services: { ssh: [%d/tcp] }
                identity: { certificate: %s.crt, key: %s.key }
                clients: { ca: ca.crt, crl: crl.pem }
                firewall: { backend: nftables }
                grants: { state-directory: none, rate: none }
                """.formatted(Arena.PORT, Arena.PORT, Arena.GUARDED_PORT, Credentials.SERVER, Credentials.SERVER)
                        + String.join("\n", setup.configuration) + "\n");
        log = directory.resolve("doorman.log");
        Files.writeString(log, "");
        process = arena.doorman()
                .start(
                        "sh",
                        "-c",
                        // The shell becomes the program, so that the figures are its own.
                        "exec prlimit --nofile=$1 \"$2\" -Xmx$3m -XX:+ExitOnOutOfMemoryError -cp \"$4\" io.openme.cli.Program"
                                + " serve --yes -c \"$5\" >\"$6\" 2>&1",
                        "sh",
                        setup.descriptors + ":" + setup.descriptors,
                        java("java"),
                        Integer.toString(heapMegabytes),
                        System.getProperty("java.class.path"),
                        configuration.toString(),
                        log.toString());
        figures = new Figures(process.pid());
        Waiting.until("the doorman listens; see its log:\n" + log, () -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("the doorman ended:\n" + log());
            }
            return log().contains("Listening on ");
        });
    }

    Figures figures() {
        return figures;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** What it has now. Collects its garbage, which stops it for a moment. */
    Level level() throws IOException {
        // The others first: that a tool attaches takes some itself.
        int threads = Waiting.least(figures::threads);
        int descriptors = Waiting.least(figures::descriptors);
        return new Level(liveMegabytes(), threads, descriptors);
    }

    /** Waits until it is back at this level, at most a minute; what it had at last. */
    Level awaitReturn(Level idle) throws IOException {
        long begin = System.nanoTime();
        Level now = level();
        while (!now.isBackAt(idle) && System.nanoTime() - begin < RETURN.toNanos()) {
            now = level();
        }
        return now;
    }

    /** What is alive of its heap after a collection. */
    private double liveMegabytes() throws IOException {
        Process tool = new ProcessBuilder(java("jcmd"), Long.toString(process.pid()), "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String output = new String(tool.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        Matcher total = TOTAL.matcher(output);
        if (!total.find()) {
            throw new IOException("jcmd, which belongs to a JDK, says nothing of the heap: " + output);
        }
        return Double.parseDouble(total.group(1)) / MEGABYTE;
    }

    static String java(String tool) {
        return Path.of(System.getProperty("java.home"), "bin", tool).toString();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
