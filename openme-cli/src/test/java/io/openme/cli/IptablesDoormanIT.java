package io.openme.cli;

import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openme.spi.Protocol;
import io.openme.testkit.TestNetwork;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A doorman's life with iptables, as the other tests have it with nftables. */
class IptablesDoormanIT extends EndToEnd {
    IptablesDoormanIT(TestNetwork network) {
        super(network);
    }

    @Test
    void guardsHealsRestartsAndIsRemoved() {
        Path configuration = configuration("firewall: { backend: iptables }");
        DoormanProcess first = serve(configuration);
        assertReaches(client, server4, DROPPED);
        knock(client, server4, "open").orThrow();
        assertReaches(client, server4, OPEN);
        assertReaches(other, server4, DROPPED);

        server.run("sh", "-c", "iptables -t mangle -F; ip6tables -t mangle -F; ipset flush")
                .orThrow();
        await().until(() -> other.probe(Protocol.TCP, server4, WEB) == DROPPED);
        await().until(() -> client.probe(Protocol.TCP, server4, WEB) == OPEN);

        first.kill();
        assertReaches(client, server4, OPEN);
        DoormanProcess second = serve(configuration);
        assertReaches(client, server4, DROPPED);
        knock(client, server4, "open").orThrow();
        assertReaches(client, server4, OPEN);

        second.terminate();
        assertReaches(client, server4, DROPPED);
        assertThat(openme(server, "uninstall", "--yes").orThrow().output())
                .containsPattern("iptables +nothing of openme is there any more");
        assertReaches(other, server4, OPEN);
        assertThat(server.run("sh", "-c", "iptables-save; ip6tables-save; ipset list -name")
                        .output())
                .doesNotContain("openme");
    }
}
