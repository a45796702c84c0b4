package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Service;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostRulesTest {
    private static final List<Service> SERVICES =
            List.of(Service.of("ssh", "22/tcp"), Service.of("web", "80/tcp", "443/udp"));

    @Test
    void namesTheChainsThatDropByTheirPolicy() {
        // nft 1.0.6, after iptables -P INPUT DROP, iptables -P FORWARD DROP and some of nft itself.
        String listing = """
                table ip filter {
                \tchain INPUT {
                \t\ttype filter hook input priority filter; policy drop;
                \t}
                \tchain FORWARD {
                \t\ttype filter hook forward priority filter; policy drop;
                \t}
                \tchain mine {
                \t}
                }
                table ip6 filter {
                \tchain INPUT {
                \t\ttype filter hook input priority filter; policy accept;
                \t}
                }
                table inet fw {
                \tchain in {
                \t\tcomment "policy drop;"
                \t\ttype filter hook input priority filter + 10; policy drop;
                \t}
                \tchain pre {
                \t\ttype filter hook prerouting priority -5; policy drop;
                \t}
                \tchain nat {
                \t\ttype nat hook prerouting priority dstnat; policy accept;
                \t}
                }
                table bridge fw {
                \tchain in {
                \t\ttype filter hook input priority filter; policy drop;
                \t}
                }
                """;

        List<String> notes = HostRules.notes(listing, SERVICES);

        assertThat(notes)
                .hasSize(3)
                .allSatisfy(note -> assertThat(note).contains("See that they accept 22/tcp, 80/tcp, 443/udp"));
        assertThat(notes.get(0)).startsWith("chain ip filter INPUT ").endsWith(": nft list chain ip filter INPUT");
        assertThat(notes.get(1)).startsWith("chain inet fw in ");
        assertThat(notes.get(2)).startsWith("chain inet fw pre ");
    }

    @Test
    void hasNothingToSayWhereNothingDropsByItsPolicy() {
        assertThat(HostRules.notes("", SERVICES)).isEmpty();
    }
}
