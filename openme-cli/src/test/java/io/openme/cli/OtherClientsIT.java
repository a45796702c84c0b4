package io.openme.cli;

import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Protocol;
import io.openme.testkit.Finished;
import io.openme.testkit.TestNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs of other people. */
class OtherClientsIT extends EndToEnd {
    private static final String OK = "b'OK' b''\n";

    OtherClientsIT(TestNetwork network) {
        super(network);
    }

    @BeforeAll
    void start() {
        serve(configuration());
    }

    @Test
    void opensToOpensslThatSendsALine() {
        Finished openssl = client.runWithInput(
                "OPENME\n",
                "openssl",
                "s_client",
                "-quiet",
                "-verify_quiet",
                "-servername",
                SERVER_NAME,
                "-CAfile",
                pki("ca.crt"),
                "-cert",
                pki("alice.crt"),
                "-key",
                pki("alice.key"),
                "-connect",
                "192.0.2.1:54154");

        assertThat(openssl).isEqualTo(new Finished(0, "OK\n"));
        assertThat(client.probe(Protocol.TCP, server4, SSH)).isEqualTo(OPEN);
        close();
    }

    @ParameterizedTest
    @CsvSource({
        "OPENME, MEOPEN, 192.0.2.2",
        "OPEN ME, MEOPEN 192.0.2.2, 192.0.2.2",
        "OPEN 198.51.100.2, MIOPEN 198.51.100.2, 198.51.100.2",
        "OPENME 2001:db8:2::2, MIOPEN 2001:db8:2::2, 2001:db8:2::2"
    })
    void understandsTheOriginalClientWhichSendsNoLineEndAndWaits(String open, String close, String address) {
        assertThat(pythonAsAlice(open)).isEqualTo(new Finished(0, OK));
        assertThat(admitted()).containsExactly(address);

        assertThat(pythonAsAlice(close)).isEqualTo(new Finished(0, OK));
        assertThat(admitted()).isEmpty();
    }

    @Test
    void mirrorsTheFramingByteForByte() {
        assertThat(pythonAsAlice("OPENME")).isEqualTo(new Finished(0, OK));
        assertThat(pythonAsAlice("OPENME\n").output()).isEqualTo("b'OK\\n' b''\n");
        assertThat(pythonAsAlice("OPENME\r\n").output()).isEqualTo("b'OK\\r\\n' b''\n");
        assertThat(client.probe(Protocol.TCP, server4, SSH)).isEqualTo(OPEN);

        close();
    }

    @Test
    void mirrorsTheFramingOfWhatItRefusesToo() {
        // A loopback address is nobody's guest.
        assertThat(pythonAsAlice("OPEN 127.0.0.1").output()).isEqualTo("b'KO' b''\n");
        assertThat(pythonAsAlice("OPEN 127.0.0.1\n").output()).isEqualTo("b'KO\\n' b''\n");
        assertThat(pythonAsAlice("LET ME IN\r\n").output()).isEqualTo("b'KO\\r\\n' b''\n");
        assertThat(admitted()).isEmpty();
        assertThat(client.probe(Protocol.TCP, server4, SSH)).isEqualTo(DROPPED);
    }

    private void close() {
        assertThat(pythonAsAlice("MEOPEN")).isEqualTo(new Finished(0, OK));
    }
}
