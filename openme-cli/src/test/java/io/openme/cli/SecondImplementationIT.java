package io.openme.cli;

import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.protocol.IpLiteral;
import io.openme.spi.Protocol;
import io.openme.testkit.Finished;
import io.openme.testkit.TestNetwork;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A client of openme/2 in Python that was written from docs/protocol.md alone, by somebody who saw nothing else. */
class SecondImplementationIT extends EndToEnd {
    SecondImplementationIT(TestNetwork network) {
        super(network);
    }

    @BeforeAll
    void start() {
        openme(server, "ca", "client", "--dir", directory().resolve("pki").toString(), "bob")
                .orThrow();
        serve(configuration());
    }

    @AfterEach
    void close() {
        assertThat(says("alice", "CLOSE address=*").exitCode()).isZero();
        assertThat(admitted()).isEmpty();
    }

    @Test
    void opensAServiceForATimeAndSeesWhatItHolds() {
        Finished seen = says("alice", "OPEN services=ssh lifetime=600", "STATUS");

        assertThat(seen.exitCode()).as(seen.output()).isZero();
        assertThat(seen.output().lines())
                .startsWith(
                        "{\"protocol\": \"openme/2\"}",
                        "{\"items\": [], \"result\": \"OK\", \"parameters\": {\"address\": \"192.0.2.2\", \"services\": \"ssh\","
                                + " \"lifetime\": \"600\"}}");
        assertThat(seen.output())
                .containsPattern(
                        "\"HELD\", \"address\": \"192.0.2.2\", \"service\": \"ssh\", \"remaining\": \"(600|59\\d)\"")
                .contains("\"held\": \"1\", \"more\": \"0\"");
        assertThat(client.probe(Protocol.TCP, server4, SSH)).isEqualTo(OPEN);
        assertThat(client.probe(Protocol.TCP, server4, WEB)).isEqualTo(DROPPED);
    }

    @Test
    void saysEveryCommandInOneConnectionWithoutWaiting() {
        List<String> lines = List.of(
                "OPEN services=ssh,web",
                "RENEW lifetime=60",
                "OPEN address=198.51.100.9 services=web",
                "CLOSE address=198.51.100.9",
                "CLOSE services=web",
                "CLOSE",
                "STATUS");
        List<String> command = new ArrayList<>(List.of("--pipeline"));
        command.addAll(lines);

        Finished seen = says("alice", command.toArray(String[]::new));

        assertThat(seen.exitCode()).as(seen.output()).isZero();
        assertThat(seen.output().lines().filter(l -> l.contains("\"OK\""))).hasSize(lines.size());
        assertThat(seen.output()).contains("\"lifetime\": \"60\"", "\"held\": \"0\"");
    }

    @Test
    void isToldWhyItIsRefused() {
        Finished seen = says(
                "bob",
                "RENEW",
                "OPEN services=telnet",
                "OPEN address=127.0.0.1",
                "OPEN colour=red",
                "DANCE",
                "STATUS scope=all");

        assertThat(seen.exitCode()).isEqualTo(1);
        assertThat(seen.output())
                .containsSubsequence(
                        "not-held",
                        "service-not-permitted",
                        "bad-address",
                        "unsupported",
                        "unsupported",
                        "not-permitted");
    }

    @Test
    void movesItsOpeningWithItsAddress() {
        says("alice", "OPEN services=ssh address=198.51.100.9");
        assertThat(admitted()).containsExactly("198.51.100.9");
        assertThat(says("alice", "OPEN services=ssh replaces=198.51.100.9").exitCode())
                .isZero();
        assertThat(admitted()).containsExactly("192.0.2.2");
    }

    @Test
    void speaksTheWrittenProtocolWithoutAlpn() {
        Finished seen = says("alice", "--alpn", "none", "OPEN");

        assertThat(seen).isEqualTo(new Finished(0, "{\"protocol\": \"\"}\n{\"result\": \"OK\"}\n"));
        assertThat(admitted()).containsExactly("192.0.2.2");
    }

    private Finished says(String who, String... optionsAndLines) {
        List<String> words = new ArrayList<>(List.of("python3", "src/test/resources/openme2.py"));
        words.addAll(List.of("--server", IpLiteral.format(server4), "--port", "" + DOOR, "--name", SERVER_NAME));
        words.addAll(List.of("--ca", pki("ca.crt"), "--cert", pki(who + ".crt"), "--key", pki(who + ".key")));
        words.addAll(List.of(optionsAndLines));
        return client.run(words.toArray(String[]::new));
    }
}
