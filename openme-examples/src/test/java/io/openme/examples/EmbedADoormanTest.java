package io.openme.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.knocker.Knocker;
import io.openme.pki.CaDirectory;
import io.openme.protocol.Command;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.IOException;
import java.net.SocketException;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the examples as a reader would. */
class EmbedADoormanTest {
    @Test
    void theServerResetsStrangersUntilTheAppHasKnocked(@TempDir Path directory) throws Exception {
        Path pki = directory.resolve("pki");
        CaDirectory ca = CaDirectory.create(pki, "Example CA", null, Clock.systemUTC());
        ca.issueServer("localhost", List.of());
        ca.issueClient("alice");
        int knockPort;
        try (EmbedADoorman running = EmbedADoorman.start(pki, 0, 0)) {
            knockPort = running.knockPort();
            assertThatThrownBy(() -> visit(running.webPort())).isInstanceOf(SocketException.class);
            assertThat(KnockFromAnApp.knock(pki, knockPort)).isTrue();
            assertThat(visit(running.webPort())).isEqualTo("Welcome, friend.\n");
            assertThat(knocker(pki, knockPort).knock(Command.close()).granted()).isTrue();
            List<String> visited = new ArrayList<>();
            assertThat(HoldFromAnApp.whileOpen(knocker(pki, knockPort), () -> visited.add(visit(running.webPort()))))
                    .isTrue();
            assertThat(visited).containsExactly("Welcome, friend.\n");
            assertThatThrownBy(() -> visit(running.webPort())).isInstanceOf(SocketException.class);
        }
        assertThat(KnockFromAnApp.knock(pki, knockPort)).isFalse();
    }

    private static Knocker knocker(Path pki, int knockPort) {
        return Knocker.builder()
                .identity(Identity.ofPem(pki.resolve("alice.crt"), pki.resolve("alice.key")))
                .trust(Trust.ofPem(pki.resolve("ca.crt")))
                .server("localhost", knockPort)
                .build();
    }

    private static String visit(int port) throws IOException {
        // A connection that is kept alive would stay open after the door is closed.
        URLConnection connection =
                URI.create("http://localhost:" + port + "/").toURL().openConnection();
        connection.setRequestProperty("Connection", "close");
        connection.setConnectTimeout(10_000);
        connection.setReadTimeout(10_000);
        return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
