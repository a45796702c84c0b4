package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SshSessionTest {
    private static final List<Service> SERVICES =
            List.of(Service.of("dns", "22/udp"), Service.of("web", "80/tcp"), Service.of("ssh", "20-25/tcp"));

    @TempDir
    private Path directory = Path.of("");

    @Test
    void findsTheServiceThatGuardsItsPort() {
        assertThat(SshSession.guard("203.0.113.9 50000 192.0.2.1 22", SERVICES))
                .map(Service::name)
                .contains("ssh");
        assertThat(SshSession.guard("fe80::1%eth0 50000 2001:db8::1 25", SERVICES))
                .map(Service::name)
                .contains("ssh");
        assertThat(SshSession.guard("203.0.113.9 22 192.0.2.1 2222", SERVICES)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "22", "a 1 b 0", "a 1 b 65536", "a 1 b 123456", "a 1 b -22", "UNKNOWN 1 b"})
    void takesNothingForAPortThatIsNone(String connection) {
        assertThat(SshSession.port(connection)).isEmpty();
    }

    @Test
    void asksTheNearestProcessThatKnows() throws IOException {
        Path sudo = environment("sudo", "PATH=/bin\0SSH_CONNECTIONS=no\0SSH_CONNECTION=nearest\0TERM=x\0");
        Path shell = environment("shell", "SSH_CONNECTION=farther\0");
        Path without = environment("without", "PATH=/bin\0");

        assertThat(SshSession.connection(Map.of(), Stream.of(directory.resolve("ended"), without, sudo, shell)))
                .contains("nearest");
        assertThat(SshSession.connection(Map.of("SSH_CONNECTION", "ours"), Stream.of(sudo)))
                .contains("ours");
        assertThat(SshSession.connection(Map.of(), Stream.of(without))).isEmpty();
    }

    private Path environment(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }
}
