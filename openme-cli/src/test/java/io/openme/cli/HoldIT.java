package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openme.protocol.IpLiteral;
import io.openme.testkit.TestNetwork;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A host that holds a door open, and whose kernel then takes another of its addresses to come from. */
class HoldIT extends EndToEnd {
    HoldIT(TestNetwork network) {
        super(network);
    }

    @BeforeAll
    void start() {
        serve(configuration());
    }

    @Test
    void followsTheHostToItsOtherAddressAndClosesAtTheEnd() {
        InetAddress second = client.ipv4().get(1);
        List<String> command = new ArrayList<>(program());
        command.addAll(knocking("alice", server4, "hold", "--for", "10m"));
        DoormanProcess hold = new DoormanProcess(client, "HoldIT-client", command);
        awaitAdmitted(client4, hold);

        String to = IpLiteral.format(server4);
        client.run(
                        "sh",
                        "-c",
                        "device=$(ip -4 route get " + to + " | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p')\n"
                                + "ip route add " + to + "/32 dev \"$device\" src " + IpLiteral.format(second))
                .orThrow();
        awaitAdmitted(second, hold);
        // The firewall knows it before the client does.
        await().untilAsserted(() -> assertThat(hold.log())
                .contains("IPv4: moved from " + IpLiteral.format(client4) + " to " + IpLiteral.format(second)));

        hold.terminate();

        assertThat(admitted()).isEmpty();
        assertThat(hold.log()).contains("IPv4: closed for " + IpLiteral.format(second));
    }

    private void awaitAdmitted(InetAddress address, DoormanProcess hold) {
        await().atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertThat(admitted()).as(hold::log).containsExactly(IpLiteral.format(address)));
    }
}
