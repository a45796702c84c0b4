package io.openme.cli;

import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Protocol;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A {@code config.yaml} that somebody wrote for the original daemon, and did not change. */
class OriginalConfigurationIT extends EndToEnd {
    private static final String CONFIGURATION = """
            BIND_ADDRESS: '0.0.0.0'
            LISTENING_PORT: 54154
            PORTS:
              - port: 80
                protocol: tcp
              - port: 443
                protocol: tcp
            CERT_FILE: "../certs/server.crt"
            KEY_FILE: "../certs/server.key"
            CA_CERT_FILE: "../certs/ca.crt"
            DEBUG: false
            """;

    OriginalConfigurationIT(TestNetwork network) {
        super(network);
    }

    @BeforeAll
    void putFilesWhereItsNamesLead() throws IOException {
        server.echo(Protocol.TCP, 80);
        server.echo(Protocol.TCP, 443);
        Path certs = Files.createDirectory(directory().resolve("certs"));
        Files.copy(Path.of(pki("ca.crt")), certs.resolve("ca.crt"));
        Files.copy(Path.of(pki(SERVER_NAME + ".crt")), certs.resolve("server.crt"));
        Files.copy(Path.of(pki(SERVER_NAME + ".key")), certs.resolve("server.key"));
    }

    @AfterEach
    void removeEveryFirewall() {
        nft("flush ruleset");
    }

    @Test
    void guardsItsPortsInTheKernelAndObeysTheFlagsOfTheOriginalPrograms() {
        Path file = write("conf/config.yaml", CONFIGURATION);
        DoormanProcess doorman = serve("-c", file.toString());
        assertReaches(DROPPED);
        assertThat(client.probe(Protocol.TCP, server.ipv6().get(0), 443))
                .as("by the family that the original knew nothing of")
                .isEqualTo(DROPPED);
        assertThat(client.probe(Protocol.TCP, server4, WEB)).isEqualTo(OPEN);

        assertThat(knock(client, server4, "-o").orThrow().output()).startsWith("OK");
        assertReaches(OPEN);
        assertThat(other.probe(Protocol.TCP, server4, 443)).isEqualTo(DROPPED);

        assertThat(knock(client, server4, "-m", "-i", "192.0.2.2").orThrow().output())
                .startsWith("OK");
        assertReaches(DROPPED);
        doorman.kill();
    }

    @Test
    void changesNothingWithDebugAndSaysSo() {
        DoormanProcess doorman = serve(write("conf/config.yaml", CONFIGURATION.replace("false", "true")));

        assertThat(doorman.log()).contains("DEBUG: true, which means a DRY RUN");
        assertThat(server.run("nft", "list", "ruleset").orThrow().output()).isEmpty();
        assertReaches(OPEN);

        assertThat(knock(client, server4, "open").orThrow().output()).startsWith("OK");
        assertThat(doorman.log()).containsPattern("dry run: would open .*192\\.0\\.2\\.2");
        doorman.kill();
    }

    private void assertReaches(Verdict expected) {
        assertThat(client.probe(Protocol.TCP, server4, 80)).isEqualTo(expected);
        assertThat(client.probe(Protocol.TCP, server4, 443)).isEqualTo(expected);
    }
}
