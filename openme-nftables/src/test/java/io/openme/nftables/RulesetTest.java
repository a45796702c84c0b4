package io.openme.nftables;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.exec.backend.EarlierConnection;
import io.openme.spi.Change;
import io.openme.spi.DoorLimit;
import io.openme.spi.FirewallContext;
import io.openme.spi.Opening;
import io.openme.spi.PortRange;
import io.openme.spi.Service;
import io.openme.spi.Service.Established;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RulesetTest {
    private static final InetAddress SOURCE4 = address(203, 0, 113, 9);
    private static final InetAddress SOURCE6 = address(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9);

    private final Ruleset ruleset = new Ruleset(
            FirewallContext.of(
                    Service.of("ssh", "22/tcp"),
                    Service.of("mosh", "22/tcp", "60000-60010/udp"),
                    Service.of("ops", "60005-60020/udp")),
            100);

    @Test
    void writesTheWholeTableForAPersonToRead() {
        String text = ruleset.install(
                List.of(open(SOURCE4, Duration.ofSeconds(30)), open(SOURCE6, Duration.ofMillis(1500))),
                List.of(new EarlierConnection(SOURCE4, 40000, 22)));

        assertThat(text).isEqualTo("""
                        table inet openme
                        delete table inet openme
                        table inet openme {
                          # ssh: 22/tcp
                          set ssh-ipv4 { type ipv4_addr; flags timeout; size 100; }
                          set ssh-ipv6 { type ipv6_addr; flags timeout; size 100; }
                          # mosh: 22/tcp, 60000-60010/udp
                          set mosh-ipv4 { type ipv4_addr; flags timeout; size 100; }
                          set mosh-ipv6 { type ipv6_addr; flags timeout; size 100; }
                          # ops: 60005-60020/udp
                          set ops-ipv4 { type ipv4_addr; flags timeout; size 100; }
                          set ops-ipv6 { type ipv6_addr; flags timeout; size 100; }
                          # source, its port, our port: TCP connections that were there before this table
                          set earlier4 { type ipv4_addr . inet_service . inet_service; }
                          set earlier6 { type ipv6_addr . inet_service . inet_service; }
                          chain check-1 {
                            ip saddr @ssh-ipv4 accept
                            ip6 saddr @ssh-ipv6 accept
                            ip saddr @mosh-ipv4 accept
                            ip6 saddr @mosh-ipv6 accept
                            ip saddr . tcp sport . tcp dport @earlier4 tcp flags & (syn | ack) != syn accept
                            ip6 saddr . tcp sport . tcp dport @earlier6 tcp flags & (syn | ack) != syn accept
                            counter drop
                          }
                          chain check-2 {
                            ip saddr @mosh-ipv4 accept
                            ip6 saddr @mosh-ipv6 accept
                            counter drop
                          }
                          chain check-3 {
                            ip saddr @mosh-ipv4 accept
                            ip6 saddr @mosh-ipv6 accept
                            ip saddr @ops-ipv4 accept
                            ip6 saddr @ops-ipv6 accept
                            counter drop
                          }
                          chain check-4 {
                            ip saddr @ops-ipv4 accept
                            ip6 saddr @ops-ipv6 accept
                            counter drop
                          }
                          chain judge {
                            tcp dport vmap { 22 : goto check-1 }
                            udp dport vmap { 60000-60004 : goto check-2, 60005-60010 : goto check-3, 60011-60020 : goto check-4 }
                          }
                          chain guarded {
                            iif "lo" accept
                            ct state established accept
                            tcp dport { 22 } return
                            udp dport { 60000-60004, 60005-60010, 60011-60020 } return
                            accept
                          }
                          chain guard {
                            type filter hook prerouting priority dstnat - 10; policy accept;
                            jump guarded
                            fib daddr type unicast accept
                            goto judge
                          }
                          chain delivered {
                            type filter hook input priority filter - 10; policy accept;
                            jump guarded
                            meta l4proto tcp ct status dnat ct original proto-dst vmap { 22 : goto check-1 }
                            meta l4proto udp ct status dnat ct original proto-dst vmap { 60000-60004 : goto check-2, 60005-60010 : goto check-3, 60011-60020 : goto check-4 }
                            goto judge
                          }
                        }
                        add element inet openme earlier4 { 203.0.113.9 . 40000 . 22 }
                        add element inet openme ssh-ipv4 { 203.0.113.9 timeout 30s0ms }
                        add element inet openme ssh-ipv6 { 2001:db8:0:0:0:0:0:9 timeout 1s500ms }
                        """);
    }

    @Test
    void limitsNewConnectionsToTheDoormansOwnPorts() {
        DoorLimit limit = new DoorLimit(200, Duration.ofSeconds(10));
        Ruleset limiting = ruleset.limiting(Optional.of(new Door(new TreeSet<>(List.of(443, 54154)), limit, true)));

        assertThat(limiting.install(List.of(), List.of()))
                .contains("""
                          # who connects to the doorman's own port
                          set door-32 { type ipv4_addr; flags dynamic, timeout; timeout 10s0ms; size 65536; }
                          set door-64 { type ipv6_addr; flags dynamic, timeout; timeout 10s0ms; size 65536; }
                          set door-48 { type ipv6_addr; flags dynamic, timeout; timeout 10s0ms; size 65536; }
                          ct timeout door-ipv4 {
                            protocol tcp; l3proto ip
                            policy = { syn_sent : 10, syn_recv : 10, established : 120, fin_wait : 10, close_wait : 10, last_ack : 10, time_wait : 1, close : 1 }
                          }
                        """)
                .contains("""
                          chain door {
                            iif "lo" accept
                            fib daddr type unicast accept
                            update @door-32 { ip saddr limit rate over 20/second burst 200 packets } counter drop
                            update @door-64 { ip6 saddr & ffff:ffff:ffff:ffff:: limit rate over 20/second burst 200 packets } counter drop
                            update @door-48 { ip6 saddr & ffff:ffff:ffff:: limit rate over 200/second burst 2000 packets } counter drop
                            ct state new meta nfproto ipv4 ct timeout set "door-ipv4"
                            ct state new meta nfproto ipv6 ct timeout set "door-ipv6"
                          }
                        """)
                .contains("""
                            type filter hook prerouting priority dstnat - 10; policy accept;
                            tcp dport { 443, 54154 } tcp flags & (fin | syn | rst | ack) == syn goto door
                            tcp dport { 443, 54154 } ct state new goto door
                            jump guarded
                        """);
        assertThat(limiting.standIn().install(List.of(), List.of())).contains("goto door");
        assertThat(limiting.limiting(Optional.empty()).install(List.of(), List.of()))
                .isEqualTo(ruleset.install(List.of(), List.of()));
    }

    /** The routes are asked once for a connection, not for each packet that passes through. */
    @Test
    void asksOfWhatBeginsAloneWhetherSourceNatMadeItTheHosts() {
        Service live = new Service("live", List.of(PortRange.parse("80/tcp")), Established.CUT);

        assertThat(new Ruleset(FirewallContext.of(live), 100).install(List.of(), List.of()))
                .contains("""
                          chain translated {
                            type filter hook postrouting priority srcnat + 1; policy accept;
                            ct state new fib saddr type local goto after-cut
                          }
                        """);
    }

    /** Elements of a named map can be taken out one by one, and the outline that is watched would not show it. */
    @Test
    void leadsPortsByNoMapThatCouldLoseOneUnseen() {
        assertThat(ruleset.install(List.of(), List.of()))
                .contains("tcp dport vmap { 22 : ")
                .doesNotContain("map guarded");
    }

    @Test
    void neverWritesALongerLifetimeThanItIsGiven() {
        assertThat(Lifetime.text(Duration.ofNanos(1_999_999_999))).isEqualTo("1s999ms");
        assertThat(Lifetime.text(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo("86400000s0ms");
        assertThat(Lifetime.isOver(Duration.ofNanos(9_999_999))).isTrue();
        assertThat(Lifetime.isOver(Duration.ofMillis(10))).isFalse();
    }

    private static Change.Open open(InetAddress source, Duration lifetime) {
        return new Change.Open(new Opening(source, "ssh"), lifetime);
    }

    static InetAddress address(int... numbers) {
        byte[] bytes = new byte[numbers.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) numbers[i];
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
