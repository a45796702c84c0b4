package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.protocol.IpLiteral;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Knocks with the {@code openssl} program, which is a TLS of other people and what a person tries first. */
@Timeout(60)
class OpensslKnockIT {
    private final TestTls tls = new TestTls();
    private final Doorbell bell = new Doorbell();
    private final KnockListener listener = new KnockListener(
            List.of(new InetSocketAddress(IpLiteral.parse("127.0.0.1").orElseThrow(), 0)),
            Limits.defaults(),
            tls.engines(true),
            bell);

    @TempDir
    Path directory;

    @BeforeEach
    void start() throws IOException {
        tls.client("alice").writeTo(directory);
        tls.ca().writeTo(directory);
        listener.start();
    }

    @AfterEach
    void close() {
        listener.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_3", "-tls1_2"})
    void answersALine(String version) throws Exception {
        assertThat(openssl("OPENME\n", false, version, "-quiet", "-cert", "alice.crt", "-key", "alice.key"))
                .isEqualTo("OK\n");
        assertThat(bell.knocks).containsExactly("alice 127.0.0.1 OPEN");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_3", "-tls1_2"})
    void answersABareCommandOfAPeerThatWaits(String version) throws Exception {
        assertThat(openssl("OPENME", false, version, "-quiet", "-cert", "alice.crt", "-key", "alice.key"))
                .isEqualTo("OK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_3", "-tls1_2"})
    void tellsAPeerWithoutACertificateThatItIsRefused(String version) throws Exception {
        assertThat(openssl("OPENME\n", false, version, "-quiet")).contains("alert");
        assertThat(bell.knocks).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_3", "-tls1_2"})
    void doesWhatAPeerAskedThatClosedAtOnce(String version) throws Exception {
        // Not -quiet: openssl then sends its close_notify right behind the command, at the end of its input.
        openssl("OPENME", true, version, "-cert", "alice.crt", "-key", "alice.key");

        assertThat(bell.knocks).containsExactly("alice 127.0.0.1 OPEN");
    }

    @Test
    void refusesASecondHandshake() throws Exception {
        String output = openssl("R\n", false, "-tls1_2", "-cert", "alice.crt", "-key", "alice.key");

        assertThat(output).contains("RENEGOTIATING");
        assertThat(bell.knocks).isEmpty();
    }

    /** What openssl writes until the server ends the connection, or until it has sent its input. */
    private String openssl(String input, boolean endOfInput, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl", "s_client"));
        command.addAll(List.of(options));
        command.addAll(List.of("-CAfile", "ca.crt", "-verify_return_error", "-connect"));
        command.add("127.0.0.1:" + listener.addresses().get(0).getPort());
        command.addAll(List.of("-servername", "server"));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        OutputStream out = process.getOutputStream();
        try {
            out.write(input.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            if (endOfInput) {
                out.close();
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            process.waitFor();
            return output.replaceAll("(?m)^(depth=|verify ).*\n", "");
        } finally {
            process.destroyForcibly();
        }
    }
}
