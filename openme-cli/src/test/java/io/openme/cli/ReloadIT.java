package io.openme.cli;

import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openme.spi.Protocol;
import io.openme.testkit.TestNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The daemon and the kernel, while the files change under them. */
class ReloadIT extends EndToEnd {
    private final List<DoormanProcess> running = new ArrayList<>();
    private int written;

    ReloadIT(TestNetwork network) {
        super(network);
    }

    @AfterEach
    void end() {
        running.forEach(DoormanProcess::terminate);
        running.clear();
    }

    @BeforeAll
    void makeClients() {
        for (String name : new String[] {"bob", "carol", "dave"}) {
            openme(server, "ca", "client", "--dir", pki(""), name).orThrow();
        }
    }

    @Test
    void aClientThatIsRevokedWhileItHoldsIsShutOutAndNobodyElseIs() throws Exception {
        DoormanProcess doorman = start(rules("clients: { ca: pki/ca.crt, crl: pki/crl.pem }", ""));
        knock(client, "bob", server4, "open").orThrow();
        knock(client, "carol", server4, "open", "198.51.100.9").orThrow();
        assertThat(client.probe(Protocol.TCP, server4, SSH)).isEqualTo(OPEN);

        openme(server, "ca", "revoke", "--dir", pki(""), "bob").orThrow();

        doorman.awaitLog("Revoked: 192.0.2.2 -> ssh of bob");
        assertThat(client.probe(Protocol.TCP, server4, SSH)).isEqualTo(DROPPED);
        assertThat(admitted()).containsExactly("198.51.100.9");
        assertThat(knock(client, "bob", server4, "open").exitCode()).isEqualTo(ExitCode.NOT_AUTHENTICATED);
        assertThat(knock(client, "carol", server4, "open").exitCode()).isZero();
    }

    @Test
    void aServiceThatThePolicyTakesAwayIsClosedAndABrokenPolicyChangesNothing() throws Exception {
        String clients = "clients: { ca: pki/ca.crt }";
        Path file = rules(clients, "policy: [{ clients: [any], services: [ssh, web], guests: any }]");
        DoormanProcess doorman = start(file);
        knock(client, "carol", server4, "open").orThrow();
        assertThat(client.probe(Protocol.TCP, server4, WEB)).isEqualTo(OPEN);

        swapIn(file, rules(clients, "policy: [{ clients: [any], servces: [ssh] }]"));
        doorman.awaitLog("did you mean services?");
        assertThat(client.probe(Protocol.TCP, server4, WEB)).isEqualTo(OPEN);

        swapIn(file, rules(clients, ""));
        doorman.awaitLog("has no policy any more");
        assertThat(client.probe(Protocol.TCP, server4, WEB)).isEqualTo(OPEN);

        swapIn(file, rules(clients, "policy: [{ clients: [any], services: [ssh], guests: any }]"));
        doorman.awaitLog("Revoked: 192.0.2.2 -> web of carol");
        assertThat(client.probe(Protocol.TCP, server4, WEB)).isEqualTo(DROPPED);
        assertThat(client.probe(Protocol.TCP, server4, SSH)).isEqualTo(OPEN);
    }

    @Test
    void aHangUpReadsTheFilesAnewAndEndsNothing() throws Exception {
        DoormanProcess doorman = start(rules("clients: { ca: pki/ca.crt }", ""));
        knock(client, "dave", server4, "open").orThrow();

        doorman.hangUp();
        doorman.awaitLog("Reloaded certificates, revocation lists and policy; 0 grant(s) revoked");
        assertThat(client.probe(Protocol.TCP, server4, SSH)).isEqualTo(OPEN);
        assertThat(knock(client, "dave", server4, "close").exitCode()).isZero();
        await().atMost(Duration.ofSeconds(20)).until(() -> admitted().isEmpty());
    }

    private DoormanProcess start(Path configuration) {
        DoormanProcess doorman = serve(configuration);
        running.add(doorman);
        return doorman;
    }

    private Path rules(String clients, String policy) {
        return write("config-" + ++written + ".yaml", """
                services: { ssh: [2022/tcp], web: [2080/tcp, 2080/udp] }
                identity: { certificate: pki/doorman.example.crt, key: pki/doorman.example.key }
                """ + clients + "\n" + policy + "\n");
    }

    private static void swapIn(Path file, Path fresh) throws IOException {
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
