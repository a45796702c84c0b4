package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openme.internal.listener.Attacker.Kind;
import io.openme.protocol.IpLiteral;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Knocks while 250 other addresses, or a whole network, do their worst, and prints how that went.
 *
 * <p>{@code -Dopenme.attack.connections=10000} is the full size; each side needs some more descriptors than that.
 */
@Timeout(300)
class ListenerUnderAttackIT {
    private static final int CONNECTIONS = Integer.getInteger("openme.attack.connections", 1000);
    private static final int KNOCKS = Integer.getInteger("openme.attack.knocks", 100);

    /** An idle connection may cost a socket, a key and three entries of tables, but no engine (12 KB) and no buffer. */
    private static final long MOST_BYTES_IDLE = 6 * 1024;

    /** One that has begun may cost an engine in the middle of its handshake: twice what was measured. */
    private static final long MOST_BYTES_BEGUN = 40 * 1024;

    private static final List<String> TABLE = Collections.synchronizedList(new ArrayList<>());

    private static TestTls tls;
    private static SSLContext alice;

    @BeforeAll
    static void makeCertificates() {
        tls = new TestTls();
        alice = tls.context(tls.client("alice"));
        TABLE.add(row("attack", "held", "opened", "knocks ok", "p50 ms", "p99 ms", "max ms", "bytes each", "threads"));
    }

    @AfterAll
    static void printTable() {
        System.out.println(
                "\nKnocks under attack, " + Attacker.ADDRESSES + " hostile addresses or one /16, heap of at most "
                        + Runtime.getRuntime().maxMemory() / (1024 * 1024) + " MB");
        TABLE.forEach(System.out::println);
    }

    @Test
    void everyKnockSucceedsWithoutAnAttack() throws IOException {
        try (KnockListener listener = start()) {
            List<Double> millis = knock(listener, KNOCKS);

            assertThat(millis).hasSize(KNOCKS);
            report("none", "0", "0", millis, "-");
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void everyKnockSucceedsUnderAttack(Kind kind) throws IOException {
        try (KnockListener listener = start()) {
            // Loads classes and compiles, so that the figures are those of the attack.
            knock(listener, 20);
            long before = usedHeap();
            try (Attack attack = new Attack(listener.addresses().get(0).getPort(), kind)) {
                await().atMost(Duration.ofMinutes(2)).until(() -> attack.held() >= CONNECTIONS * 9 / 10);
                List<Double> millis = knock(listener, KNOCKS);
                int held = Math.max(1, listener.connections());
                long grown = Math.max(0, usedHeap() - before);

                report(kind.name(), "" + held, "" + attack.opened(), millis, "" + grown / held);
                assertThat(millis).hasSize(KNOCKS);
                // By the size of the attack: how many of it are there at this moment depends on the attacker's luck.
                assertThat(grown / CONNECTIONS).isLessThan(kind.begins() ? MOST_BYTES_BEGUN : MOST_BYTES_IDLE);
            }
        }
    }

    private static KnockListener start() {
        KnockListener listener = new KnockListener(
                List.of(new InetSocketAddress(IpLiteral.parse("127.0.0.1").orElseThrow(), 0)),
                Limits.defaults(),
                tls.engines(false),
                new Doorbell());
        listener.start();
        return listener;
    }

    /** The milliseconds of each knock that succeeded, from the connect to the OK, sorted. */
    private static List<Double> knock(KnockListener listener, int times) {
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            long begin = System.nanoTime();
            try (Knocking client = new Knocking(alice, listener.addresses().get(0), "TLSv1.3")) {
                if (client.say("OPENME\n").answer().equals("OK\n")) {
                    millis.add((System.nanoTime() - begin) / 1e6);
                }
            } catch (IOException e) {
                System.out.println("A knock failed: " + e);
            }
        }
        Collections.sort(millis);
        return millis;
    }

    private static long usedHeap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static void report(String kind, String held, String opened, List<Double> millis, String bytes) {
        long threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("openme-"))
                .count();
        TABLE.add(row(
                kind,
                held,
                opened,
                millis.size() + "/" + KNOCKS,
                quantile(millis, 0.5),
                quantile(millis, 0.99),
                quantile(millis, 1),
                bytes,
                "" + threads));
    }

    private static String quantile(List<Double> sorted, double quantile) {
        int index = (int) Math.ceil(quantile * sorted.size()) - 1;
        return sorted.isEmpty() ? "-" : String.format(Locale.ROOT, "%.1f", sorted.get(Math.max(0, index)));
    }

    private static String row(String... cells) {
        StringBuilder row = new StringBuilder(String.format(Locale.ROOT, "%-12s", cells[0]));
        for (int i = 1; i < cells.length; i++) {
            row.append(String.format(Locale.ROOT, "%12s", cells[i]));
        }
        return row.toString();
    }

    /** The attacker in a process of its own, so that its descriptors and memory are not the listener's. */
    private static final class Attack implements AutoCloseable {
        private final Process process;
        private volatile int held;
        private volatile int opened;

        Attack(int port, Kind kind) throws IOException {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Attacker.class.getName(),
                            "" + port,
                            kind.name(),
                            "" + CONNECTIONS)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            Thread reader = new Thread(this::read, "attack-reader");
            reader.setDaemon(true);
            reader.start();
        }

        private void read() {
            try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    String[] numbers = line.split(" ", -1);
                    held = Integer.parseInt(numbers[0]);
                    opened = Integer.parseInt(numbers[1]);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        int held() {
            assertThat(process.isAlive()).as("the attacker lives").isTrue();
            return held;
        }

        int opened() {
            return opened;
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }
}
