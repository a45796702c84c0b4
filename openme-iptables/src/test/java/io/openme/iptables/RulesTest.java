package io.openme.iptables;

import static io.openme.iptables.Addresses.SOURCE4;
import static io.openme.iptables.Addresses.SOURCE6;
import static org.assertj.core.api.Assertions.assertThat;

import io.openme.exec.backend.EarlierConnection;
import io.openme.spi.DoorLimit;
import io.openme.spi.Opening;
import io.openme.spi.PortRange;
import io.openme.spi.Service;
import io.openme.spi.Service.Established;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RulesTest {
    private static final Names NAMES = new Names("openme");
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.5Z");

    private final Rules rules =
            new Rules(NAMES, List.of(Service.of("ssh", "22/tcp"), Service.of("mosh", "22/tcp", "60000-60010/udp")));

    @Test
    void writesTheWholeGuardForAPersonToRead() {
        assertThat(rules.install(
                        Family.IPV4,
                        Mangle.EMPTY,
                        rules.bySets(Family.IPV4, 'a'),
                        rules.earlierBySet(Family.IPV4, 'a')))
                .isEqualTo("""
                        *mangle
                        :openme - [0:0]
                        :openme.here - [0:0]
                        :openme.in - [0:0]
                        :openme.delivered - [0:0]
                        :openme.judge - [0:0]
                        :openme.last - [0:0]
                        :openme.1 - [0:0]
                        :openme.2 - [0:0]
                        -A openme.1 -m set --match-set openme.ssh.4a src -j RETURN
                        -A openme.1 -m set --match-set openme.mosh.4a src -j RETURN
                        -A openme.1 -g openme.last
                        -A openme.2 -m set --match-set openme.mosh.4a src -j RETURN
                        -A openme.2 -g openme.last
                        -A openme.last -p tcp -m tcp ! --tcp-flags SYN,ACK SYN -m set --match-set openme.EARLIER.4a src,src -j RETURN
                        -A openme.last -j DROP
                        -A openme.judge -p tcp -m multiport --dports 22 -g openme.1
                        -A openme.judge -p udp -m multiport --dports 60000:60010 -g openme.2
                        -A openme -i lo -j RETURN
                        -A openme -m conntrack --ctstate ESTABLISHED -j RETURN
                        -A openme -p tcp -m multiport --dports 22 -g openme.here
                        -A openme -p udp -m multiport --dports 60000:60010 -g openme.here
                        -A openme.here -m addrtype ! --dst-type LOCAL -m addrtype ! --dst-type MULTICAST -m addrtype ! --dst-type BROADCAST -j RETURN
                        -A openme.here -g openme.judge
                        -A openme.in -i lo -j RETURN
                        -A openme.in -m conntrack --ctstate ESTABLISHED -j RETURN
                        -A openme.in -p tcp -m multiport --dports 22 -g openme.delivered
                        -A openme.in -p udp -m multiport --dports 60000:60010 -g openme.delivered
                        -A openme.delivered -p tcp -m conntrack --ctstate DNAT --ctorigdstport 22 -g openme.1
                        -A openme.delivered -p udp -m conntrack --ctstate DNAT --ctorigdstport 60000:60010 -g openme.2
                        -A openme.delivered -g openme.judge
                        -I PREROUTING 1 -m comment --comment openme -j openme
                        -I INPUT 1 -m comment --comment openme -j openme.in
                        COMMIT
                        """);
    }

    @Test
    void judgesEachPacketToAPortThatIsCut() {
        Rules cutting = new Rules(
                NAMES,
                List.of(
                        new Service("live", List.of(PortRange.parse("80-90/tcp")), Established.CUT),
                        Service.of("kept", "22/tcp", "85/tcp")));

        assertThat(cutting.install(Family.IPV6, Mangle.EMPTY, cutting.bySets(Family.IPV6, 'b'), ""))
                .contains("""
                        -A openme.2 -m set --match-set openme.live.6b src -j RETURN
                        -A openme.2 -j DROP
                        """)
                .contains("""
                        -A openme.3 -m set --match-set openme.live.6b src -j RETURN
                        -A openme.3 -m set --match-set openme.kept.6b src -j RETURN
                        -A openme.3 -j DROP
                        """)
                .contains("""
                        -A openme.last -j DROP
                        -A openme.judge -p tcp -m multiport --dports 22 -g openme.1
                        -A openme.judge -p tcp -m multiport --dports 80:84,86:90 -g openme.2
                        -A openme.judge -p tcp -m multiport --dports 85 -g openme.3
                        -A openme -i lo -j RETURN
                        -A openme -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j RETURN
                        -A openme -p tcp -m multiport --dports 80:84,85,86:90 -g openme.here
                        -A openme -m conntrack --ctstate ESTABLISHED -j RETURN
                        -A openme -p tcp -m multiport --dports 22 -g openme.here
                        """)
                .contains("""
                        -A openme.in -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j RETURN
                        -A openme.in -p tcp -m multiport --dports 80:84,85,86:90 -g openme.delivered
                        -A openme.in -m conntrack --ctstate ESTABLISHED -j RETURN
                        """)
                .endsWith("""
                        -I PREROUTING 1 -m comment --comment openme -j openme
                        -I INPUT 1 -m comment --comment openme -j openme.in
                        -A openme.out ! -o lo -p tcp -m multiport --sports 80:84,85,86:90 -m conntrack --ctstate NEW -m tcp ! --tcp-flags SYN SYN -j DROP
                        -I OUTPUT 1 -m comment --comment openme -j openme.out
                        COMMIT
                        """);
        assertThat(cutting.keepsTcp(22)).isTrue();
        assertThat(cutting.keepsTcp(85)).isFalse();
        assertThat(cutting.keepsTcp(443)).isFalse();
    }

    @Test
    void letsAUdpPortThatIsCutBeginToSendOnlyToWhoHasAnOpening() {
        Service live = new Service("live", List.of(PortRange.parse("90/udp")), Established.CUT);
        Rules cutting = new Rules(NAMES, List.of(live, Service.of("kept", "22/udp")));
        List<PlainOpening> openings =
                List.of(PlainOpening.of(new Opening(SOURCE4, "live"), Duration.ofSeconds(30), NOW));

        assertThat(cutting.install(Family.IPV4, Mangle.EMPTY, cutting.bySets(Family.IPV4, 'a'), ""))
                .contains("""
                        -A openme.out.2 -m set --match-set openme.live.4a dst -j RETURN
                        -A openme.out.2 -j DROP
                        """)
                .contains("-A openme.out ! -o lo -p udp -m multiport --sports 90 -m conntrack --ctstate NEW"
                        + " -g openme.out.2\n")
                .doesNotContain("openme.out.1");
        assertThat(cutting.replaceOpenings(Family.IPV4, Rules.byRules(Family.IPV4, openings)))
                .contains(":openme.out.2 - [0:0]\n")
                .contains("-A openme.out.2 -d 203.0.113.9/32 -m time");
    }

    @Test
    void putsItselfInThePlaceOfWhatWasThere() {
        Mangle before = new Mangle(
                new TreeSet<>(List.of("openme", "openme.1", "openme.7", "openme.out")),
                List.of("-A openme.7 -j DROP"),
                List.of("-A PREROUTING -j openme", "-A INPUT -j openme.in", "-A OUTPUT -j openme.out"),
                Set.of(),
                false);

        String text = rules.install(Family.IPV4, before, rules.bySets(Family.IPV4, 'a'), "");

        assertThat(text)
                .startsWith("*mangle\n:openme.7 - [0:0]\n:openme.out - [0:0]\n")
                .endsWith("""
                        -D PREROUTING -j openme
                        -D INPUT -j openme.in
                        -D OUTPUT -j openme.out
                        -I PREROUTING 1 -m comment --comment openme -j openme
                        -I INPUT 1 -m comment --comment openme -j openme.in
                        -X openme.7
                        -X openme.out
                        COMMIT
                        """);
        assertThat(Rules.remove(before)).isEqualTo("""
                        *mangle
                        :openme - [0:0]
                        :openme.1 - [0:0]
                        :openme.7 - [0:0]
                        :openme.out - [0:0]
                        -D PREROUTING -j openme
                        -D INPUT -j openme.in
                        -D OUTPUT -j openme.out
                        -X openme
                        -X openme.1
                        -X openme.7
                        -X openme.out
                        COMMIT
                        """);
    }

    @Test
    void leadsNewConnectionsToTheDoormansOwnPortsToTheirLimit() {
        Rules limiting = rules.limiting(
                Optional.of(new Door(new TreeSet<>(List.of(443, 54154)), new DoorLimit(200, Duration.ofSeconds(10)))));
        Mangle before =
                new Mangle(new TreeSet<>(List.of("openme", "openme.door")), List.of(), List.of(), Set.of(), false);

        assertThat(limiting.install(Family.IPV4, before, rules.bySets(Family.IPV4, 'a'), ""))
                .contains("""
                        :openme.door - [0:0]
                        """)
                .contains("""
                        -A openme.door -i lo -j RETURN
                        """)
                .contains("""
                        -A openme -p tcp -m tcp --syn -m multiport --dports 443,54154 -g openme.door
                        -A openme -i lo -j RETURN
                        -A openme -m conntrack --ctstate ESTABLISHED -j RETURN
                        """)
                .doesNotContain("-X");
        assertThat(rules.install(Family.IPV4, before, rules.bySets(Family.IPV4, 'a'), ""))
                .contains("-X openme.door\n")
                .doesNotContain("hashlimit");
    }

    @Test
    void writesOpeningsAndOlderConnectionsAsRulesOfTheirFamily() {
        List<PlainOpening> openings = List.of(
                PlainOpening.of(new Opening(SOURCE4, "mosh"), Duration.ofSeconds(30), NOW),
                PlainOpening.of(new Opening(SOURCE6, "ssh"), Duration.ofSeconds(30), NOW));

        assertThat(rules.replaceOpenings(Family.IPV6, Rules.byRules(Family.IPV6, openings)))
                .startsWith("""
                        *mangle
                        -C PREROUTING -m comment --comment openme -j openme
                        -C INPUT -m comment --comment openme -j openme.in
                        :openme.1 - [0:0]
                        """)
                .contains("-A openme.1 -s 2001:db8:0:0:0:0:0:9/128 -m time --datestop 2026-01-02T03:04:35"
                        + " -m comment --comment openme:ssh -j RETURN\n")
                .doesNotContain("203.0.113.9");
        assertThat(rules.earlierByRules(Family.IPV4, List.of(new EarlierConnection(SOURCE4, 40000, 22))))
                .isEqualTo("-A openme.last -s 203.0.113.9/32 -p tcp -m tcp ! --tcp-flags SYN,ACK SYN --sport 40000"
                        + " --dport 22 -j RETURN\n");
    }

    @Test
    void partsMorePortsThanARuleCanHold() {
        Rules many = new Rules(
                NAMES,
                List.of(Service.of(
                        "web",
                        "1/tcp",
                        "3/tcp",
                        "5/tcp",
                        "7/tcp",
                        "9/tcp",
                        "11/tcp",
                        "13/tcp",
                        "15/tcp",
                        "17/tcp",
                        "19/tcp",
                        "21/tcp",
                        "23/tcp",
                        "25/tcp",
                        "27/tcp",
                        "30-40/tcp")));

        assertThat(many.install(Family.IPV4, Mangle.EMPTY, many.bySets(Family.IPV4, 'a'), ""))
                .contains("--dports 1,3,5,7,9,11,13,15,17,19,21,23,25,27 -g openme.1\n")
                .contains("--dports 30:40 -g openme.1\n");
    }
}
