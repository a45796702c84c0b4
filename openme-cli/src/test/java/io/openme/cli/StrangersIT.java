package io.openme.cli;

import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Protocol;
import io.openme.testkit.Finished;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who must not get in. What nobody's program makes, such as a certificate that has expired, comes from a second CA. */
class StrangersIT extends EndToEnd {
    StrangersIT(TestNetwork network) {
        super(network);
    }

    @BeforeAll
    void start() throws IOException {
        TestCa trusted = TestCa.create();
        Path pki = directory().resolve("pki");
        trusted.client("bob").issue().writeTo(pki);
        trusted.client("expired").expired().issue().writeTo(pki);
        trusted.server("door").issue().writeTo(pki);
        TestCa.create().client("foreign").issue().writeTo(pki);
        for (String name : new String[] {"bob", "expired", "door", "foreign"}) {
            // As openme ca leaves a key: the program refuses one that others can read.
            server.run("chmod", "600", pki(name + ".key")).orThrow();
        }
        Files.writeString(pki.resolve("clients.crt"), Files.readString(pki.resolve("ca.crt")) + trusted.pem());
        String configuration = Files.readString(configuration()).replace("ca: pki/ca.crt", "ca: pki/clients.crt");
        serve(write("config.yaml", configuration));
    }

    @AfterEach
    void nothingWasOpened() {
        assertThat(admitted()).isEmpty();
        assertThat(client.probe(Protocol.TCP, server4, SSH)).isEqualTo(DROPPED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "foreign", // of another CA
                "expired",
                "door", // for servers only
                SERVER_NAME // likewise, of our own CA: the doorman's certificate itself
            })
    void refusesAClientWithTheWrongCertificate(String name) {
        Finished ours = knock(client, name, server4, "open");

        assertThat(ours.exitCode()).as(ours.output()).isEqualTo(ExitCode.NOT_AUTHENTICATED);
        assertThat(ours.output()).contains("does not accept this client's certificate");
        assertRefused(python(client, "OPENME\n", pki(name + ".crt"), pki(name + ".key")));
    }

    @Test
    void refusesAClientWithoutACertificate() {
        assertRefused(python(client, "OPENME\n"));

        Finished openssl = client.runWithInput(
                "OPENME\n",
                "openssl",
                "s_client",
                "-quiet",
                "-servername",
                SERVER_NAME,
                "-CAfile",
                pki("ca.crt"),
                "-connect",
                "192.0.2.1:54154");
        assertThat(openssl.output()).contains("alert").doesNotContain("OK");
    }

    @Test
    void acceptsAnotherClientOfTheSecondCa() {
        assertThat(knock(client, "bob", server4, "open").orThrow().output()).startsWith("OK");
        assertThat(client.probe(Protocol.TCP, server4, SSH)).isEqualTo(OPEN);

        knock(client, "bob", server4, "close").orThrow();
    }

    private static void assertRefused(Finished python) {
        assertThat(python.exitCode()).isNotZero();
        assertThat(python.output()).contains("alert").doesNotContain("OK");
    }
}
