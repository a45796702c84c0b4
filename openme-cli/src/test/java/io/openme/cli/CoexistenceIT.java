package io.openme.cli;

import static io.openme.testkit.Verdict.DROPPED;
import static io.openme.testkit.Verdict.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openme.spi.Protocol;
import io.openme.testkit.Host;
import io.openme.testkit.TestNetwork;
import io.openme.testkit.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A doorman beside other programs that change the firewall. What firewalld 1.3.3 and ufw 0.36.2 do was recorded from
 * themselves, what fail2ban 1.0.2, nftables.service and netfilter-persistent do is in their files, and Docker's is what it
 * is known to do. See docs/coexistence.md.
 */
class CoexistenceIT extends EndToEnd {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What {@code firewall-cmd --reload} does to its own table: all of it in one transaction. */
    private static final String FIREWALLD = """
            table inet firewalld
            delete table inet firewalld
            table inet firewalld {
              chain filter_INPUT {
                type filter hook input priority filter + 10; policy accept;
                ct state { established, related } accept
              }
            }
            """;

    private static final String FAIL2BAN = """
            table inet f2b-table {
              set addr-set-sshd { type ipv4_addr; elements = { 203.0.113.66 }; }
              chain f2b-chain {
                type filter hook input priority -1;
                tcp dport 22 ip saddr @addr-set-sshd reject with icmp type port-unreachable
              }
            }
            """;

    /** What Docker does when it starts, and again when firewalld was reloaded. */
    private static final String DOCKER = """
            for i in iptables ip6tables; do
              $i --wait -t nat -N DOCKER; $i --wait -t filter -N DOCKER; $i --wait -t filter -N DOCKER-USER
              $i --wait -t filter -F DOCKER; $i --wait -t nat -F DOCKER
              $i --wait -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
              $i --wait -t filter -I FORWARD -j DOCKER
              $i --wait -t filter -I FORWARD -j DOCKER-USER
              $i --wait -t filter -A DOCKER-USER -j RETURN
            done
            """;

    /** The file of Debian that {@code systemctl reload nftables} loads. */
    private static final String NFTABLES_CONF = """
            #!/usr/sbin/nft -f
            flush ruleset
            table inet filter {
              chain input { type filter hook input priority filter; }
              chain forward { type filter hook forward priority filter; }
              chain output { type filter hook output priority filter; }
            }
            """;

    /** What firewalld does to the tables of iptables at each reload, whichever backend it has. */
    private static final String FLUSH_BY_FIREWALLD = """
            for i in iptables ip6tables; do
              for t in security raw mangle nat filter; do
                printf '*%s\\n-F\\n-X\\n-Z\\nCOMMIT\\n' $t | $i-restore --wait=2 -n
              done
            done
            """;

    private static final String FLUSH_BY_UFW = """
            for i in iptables ip6tables; do
              $i -F; $i -X
              for chain in INPUT OUTPUT FORWARD PREROUTING POSTROUTING; do
                $i -t mangle -F $chain; $i -t mangle -P $chain ACCEPT
              done
            done
            """;

    /** What netfilter-persistent loads without {@code --noflush}. */
    private static final String RULES_V4 = """
            *mangle
            :PREROUTING ACCEPT [0:0]
            COMMIT
            *filter
            :INPUT ACCEPT [0:0]
            COMMIT
            """;

    CoexistenceIT(TestNetwork network) {
        super(network);
    }

    @AfterEach
    void removeEveryFirewall() {
        nft("flush ruleset");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nftables", "iptables"})
    void staysOrComesBackWithItsOpenings(String backend) {
        DoormanProcess doorman = serve(configuration("firewall: { backend: " + backend + " }"));
        knock(client, server4, "open").orThrow();

        nft(FIREWALLD);
        nft(FIREWALLD);
        nft(FAIL2BAN);
        shell(DOCKER);
        shell("iptables -F; iptables -X DOCKER-USER; ip6tables -F");
        assertThat(reaches(client)).isEqualTo(OPEN);
        assertThat(reaches(other)).isEqualTo(DROPPED);

        Path conf = write("nftables.conf", NFTABLES_CONF);
        shell("nft -f " + conf);
        comesBack();
        assertThat(losses(doorman))
                .as("only the last of them took something away")
                .isEqualTo(1);

        shell("nft flush ruleset");
        comesBack();
        shell(FLUSH_BY_FIREWALLD);
        comesBack();
        shell(FLUSH_BY_UFW);
        comesBack();
        server.runWithInput(RULES_V4, "iptables-restore").orThrow();
        server.runWithInput(RULES_V4, "ip6tables-restore").orThrow();
        comesBack();
        assertThat(losses(doorman)).isGreaterThanOrEqualTo(backend.equals("nftables") ? 2 : 5);

        doorman.terminate();
        assertThat(openme(server, "uninstall", "--yes").exitCode()).isZero();
    }

    private void comesBack() {
        await().atMost(PATIENCE).until(() -> reaches(other) == DROPPED);
        await().atMost(PATIENCE).until(() -> reaches(client) == OPEN);
    }

    private Verdict reaches(Host host) {
        return host.probe(Protocol.TCP, server4, WEB);
    }

    private void shell(String script) {
        server.run("sh", "-c", script).orThrow();
    }

    private static long losses(DoormanProcess doorman) {
        return doorman.log()
                .lines()
                .filter(line -> line.contains("putting it back"))
                .count();
    }
}
