package io.openme.iptables;

import static io.openme.iptables.Addresses.SOURCE4;
import static io.openme.iptables.Addresses.SOURCE6;
import static io.openme.iptables.Addresses.address;
import static io.openme.iptables.Addresses.close;
import static io.openme.iptables.Addresses.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.exec.backend.EarlierConnection;
import io.openme.spi.FirewallException;
import io.openme.spi.Opening;
import io.openme.spi.Service;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SetsTest {
    private final Sets sets =
            new Sets(new Names("openme"), List.of(Service.of("ssh", "22/tcp"), Service.of("web", "80/tcp")), 100);

    @Test
    void makesAndFillsTheSetsOfAGeneration() {
        assertThat(new Sets(new Names("openme"), List.of(Service.of("ssh", "22/tcp")), 100)
                        .create(
                                'b',
                                List.of(
                                        open(SOURCE4, "ssh", Duration.ofMillis(2999)),
                                        open(SOURCE6, "ssh", Duration.ofMillis(999))),
                                // To two ports of ours from one of theirs: one element.
                                List.of(
                                        new EarlierConnection(SOURCE6, 40000, 22),
                                        new EarlierConnection(SOURCE6, 40000, 80))))
                .isEqualTo("""
                        create openme.ssh.4b hash:ip family inet timeout 0 maxelem 201
                        add openme.ssh.4b 224.0.0.0 timeout 0
                        create openme.EARLIER.4b hash:ip,port family inet maxelem 65536
                        create openme.ssh.6b hash:ip family inet6 timeout 0 maxelem 201
                        add openme.ssh.6b ff00:0:0:0:0:0:0:0 timeout 0
                        create openme.EARLIER.6b hash:ip,port family inet6 maxelem 65536
                        add openme.ssh.4b 203.0.113.9 timeout 2
                        add openme.EARLIER.6b 2001:db8:0:0:0:0:0:9,tcp:40000
                        """);
    }

    @Test
    void looksAtSeveralSetsFirstAndClosesBeforeItOpens() {
        assertThat(sets.apply(
                        'a',
                        List.of(
                                open(SOURCE4, "ssh", Duration.ofDays(365)),
                                close(SOURCE4, "web"),
                                open(SOURCE6, "ssh", Duration.ofNanos(1)))))
                .isEqualTo("""
                        list openme.ssh.4a -t
                        list openme.web.4a -t
                        list openme.ssh.6a -t
                        del openme.web.4a 203.0.113.9
                        del openme.ssh.6a 2001:db8:0:0:0:0:0:9
                        add openme.ssh.4a 203.0.113.9 timeout 2147483
                        """);
        assertThat(sets.apply('a', List.of(close(SOURCE4, "ssh")))).isEqualTo("del openme.ssh.4a 203.0.113.9\n");
    }

    @Test
    void neverTakesTheMarkOutOfASet() {
        assertThat(sets.apply('a', List.of(close(address("224.0.0.0"), "ssh")))).isEmpty();
        assertThat(sets.apply('a', List.of(open(address("ff00::"), "ssh")))).isEmpty();
    }

    @Test
    void readsTheOpeningsButNotTheMark() {
        assertThat(sets.openings("""
                        create openme.ssh.4a hash:ip family inet hashsize 1024 maxelem 201 timeout 0 bucketsize 12
                        add openme.ssh.4a 224.0.0.0 timeout 0
                        add openme.ssh.4a 203.0.113.9 timeout 12
                        create openme.web.6a hash:ip family inet6 hashsize 1024 maxelem 201 timeout 0 bucketsize 12
                        add openme.web.6a ff00:: timeout 0
                        add openme.web.6a 2001:db8::9 timeout 0
                        add openme.old.4a 203.0.113.10 timeout 12
                        """))
                .containsExactlyInAnyOrder(new Opening(SOURCE4, "ssh"), new Opening(SOURCE6, "web"));
    }

    @Test
    void refusesToReadAnElementThatIsNoneOfOurs() {
        assertThatThrownBy(() -> sets.openings("add openme.ssh.4a 203.0.113.0/24 timeout 1\n"))
                .isInstanceOf(FirewallException.class)
                .hasMessageContaining("203.0.113.0/24");
        // The JDK takes it for an address.
        assertThatThrownBy(() -> sets.openings("add openme.ssh.4a 1.2 timeout 1\n"))
                .isInstanceOf(FirewallException.class)
                .hasMessageContaining("no address: 1.2");
    }

    @Test
    void seesThatASetWasFlushedEvenIfSomethingWasOpenedSince() {
        String heads = sets.names('a').stream()
                .map(name ->
                        "Name: " + name + "\nNumber of entries: " + (name.equals("openme.ssh.4a") ? "%d" : "1") + "\n")
                .collect(Collectors.joining());
        List<Opening> two = List.of(new Opening(SOURCE4, "ssh"), new Opening(address("203.0.113.10"), "ssh"));

        assertThat(sets.holdAll(String.format(heads, 3), 'a', two)).isTrue();
        assertThat(sets.holdAll(String.format(heads, 4), 'a', two)).isTrue();
        assertThat(sets.holdAll(String.format(heads, 2), 'a', two)).isFalse();
        assertThat(sets.holdAll(String.format(heads, 1), 'a', List.of())).isTrue();
        assertThat(sets.holdAll(String.format(heads, 0), 'a', List.of())).isFalse();
        assertThat(sets.holdAll("", 'a', List.of())).isFalse();
    }
}
