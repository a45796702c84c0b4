package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.cli.config.Configuration;
import io.openme.doorman.Client;
import io.openme.doorman.Doorman;
import io.openme.protocol.Answer;
import io.openme.protocol.Command;
import io.openme.protocol.IpLiteral;
import io.openme.testkit.TestCa;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoormenTest {
    private static final InetAddress HERE = IpLiteral.parse("192.0.2.1").orElseThrow();
    private static final InetAddress GUEST = IpLiteral.parse("203.0.113.9").orElseThrow();

    @TempDir
    private Path directory = Path.of("");

    @Test
    void theDoormanObeysTheRulesOfItsConfiguration() throws Exception {
        TestCa ca = TestCa.create();
        Client alice = Client.of(ca.client("alice").issue().certificate());
        Client bob = Client.of(ca.client("bob").issue().certificate());
        try (Doorman doorman = start(ca, "policy: [{ clients: cn=alice, services: web }]\n")) {
            assertThat(answer(doorman, alice, Command.open())).isEqualTo(Answer.OK);
            assertThat(answer(doorman, alice, Command.openFor(GUEST))).isEqualTo(Answer.KO);
            assertThat(answer(doorman, bob, Command.open())).isEqualTo(Answer.KO);
        }
        try (Doorman doorman = start(ca, "")) {
            assertThat(answer(doorman, bob, Command.openFor(GUEST))).isEqualTo(Answer.OK);
        }
    }

    private Doorman start(TestCa ca, String policy) throws IOException {
        ca.writeTo(directory);
        ca.server("localhost").issue().writeTo(directory);
        Configuration configuration =
                Configuration.read(Files.writeString(directory.resolve("config.yaml"), """
                listen: "127.0.0.1:0"
                services: { web: [8080/tcp] }
                identity: { certificate: localhost.crt, key: localhost.key }
                clients: { ca: ca.crt }
                firewall: { backend: in-process }
                """ + policy));
        Doorman doorman = Doormen.doorman(
                configuration,
                Doormen.fixed(
                        configuration,
                        Identity.ofPem(directory.resolve("localhost.crt"), directory.resolve("localhost.key")),
                        Trust.ofPem(directory.resolve("ca.crt"))),
                Optional.empty(),
                builder -> {});
        doorman.start();
        return doorman;
    }

    private static Answer answer(Doorman doorman, Client client, Command command) throws Exception {
        return doorman.handle(client, HERE, command).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
