package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.protocol.IpLiteral;
import io.openme.testkit.TestCertificate;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/** Knocks at a process that may have few descriptors or little heap, as strangers and its own faults use them up. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class StarvedDoorIT {
    private static final int DESCRIPTORS = 400;
    private static final int STRANGERS = 2 * DESCRIPTORS;

    /** More than a listener leaves that takes all it can get and drops a few when it gets none. */
    private static final int SPARE = 80;

    private static final int MEGABYTES = 16;

    private final TestTls tls = new TestTls();
    private final TestCertificate alice = tls.client("alice");
    private final List<Socket> strangers = new ArrayList<>();

    @TempDir
    Path directory;

    private Process door;
    private BufferedReader answers;
    private Writer requests;
    private int port;

    @BeforeEach
    void start() throws IOException {
        start(DESCRIPTORS);
    }

    private void start(int descriptors, String... options) throws IOException {
        tls.ca().writeTo(directory);
        tls.server().writeTo(directory);
        List<String> command = new ArrayList<>(List.of(
                "prlimit",
                "--nofile=" + descriptors + ":" + descriptors,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(options));
        command.addAll(List.of(
                "-cp", System.getProperty("java.class.path"), StarvedDoor.class.getName(), directory.toString()));
        door = new ProcessBuilder(command).redirectErrorStream(true).start();
        answers = door.inputReader(StandardCharsets.US_ASCII);
        requests = door.outputWriter(StandardCharsets.US_ASCII);
        port = Integer.parseInt(answer());
    }

    @AfterEach
    void end() throws IOException {
        door.destroyForcibly().onExit().join();
        for (Socket stranger : strangers) {
            stranger.close();
        }
    }

    @Test
    void strangersLeaveDescriptorsForTheFirewallsToolAndTheListenerRecoversFromHavingNone() throws IOException {
        assertThat(knock()).isEqualTo("OK\n");
        comeStrangers(STRANGERS);
        assertThat(knock()).isEqualTo("OK\n");
        assertThat(ask("fork")).isEqualTo("exit code 0");

        assertThat(Integer.parseInt(ask("hoard"))).isGreaterThan(SPARE);
        assertThat(knock()).isEqualTo("OK\n");
        // The listener has dropped strangers to get some back.
        assertThat(ask("fork")).isEqualTo("exit code 0");
        assertThat(knock()).isEqualTo("OK\n");

        assertThat(ask("release")).isEqualTo("released");
        assertThat(knock()).isEqualTo("OK\n");
        assertThat(ask("fork")).isEqualTo("exit code 0");
    }

    @Test
    void strangersLeaveHeapForEverythingElse() throws IOException {
        end();
        start(8192, "-XX:+UseSerialGC", "-Xmx" + MEGABYTES + "m");
        assertThat(knock()).isEqualTo("OK\n");
        int bound = Heap.connections(STRANGERS, (long) MEGABYTES << 20);
        assertThat(bound).isLessThan(STRANGERS / 2);
        comeStrangers(STRANGERS);

        // The one who knocks came last, so all of them have been let in or turned away.
        assertThat(knock()).isEqualTo("OK\n");
        assertThat(Integer.parseInt(ask("connected"))).isLessThanOrEqualTo(bound);
    }

    private void comeStrangers(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            Socket stranger = new Socket();
            stranger.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 1, (byte) (i % 50)}), 0));
            stranger.connect(address());
            strangers.add(stranger);
        }
    }

    private String knock() throws IOException {
        try (Knocking client = new Knocking(tls.context(alice), address(), "TLSv1.3")) {
            return client.say("OPENME\n").answer();
        }
    }

    private InetSocketAddress address() {
        return new InetSocketAddress(IpLiteral.parse("127.0.0.1").orElseThrow(), port);
    }

    private String ask(String request) throws IOException {
        requests.write(request + "\n");
        requests.flush();
        return answer();
    }

    /** The next answer, between whatever the program logs. */
    private String answer() throws IOException {
        StringBuilder log = new StringBuilder();
        for (String line = answers.readLine(); line != null; line = answers.readLine()) {
            if (line.startsWith("> ")) {
                return line.substring(2);
            }
            log.append(line).append('\n');
        }
        throw new IOException("the program ended:\n" + log);
    }
}
