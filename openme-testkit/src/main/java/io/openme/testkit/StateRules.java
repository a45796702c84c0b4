package io.openme.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Chapter 4: what a firewall tells of the host. */
abstract class StateRules extends ChangeRules {
    private static final int AGAIN = 4;

    @Test
    @DisplayName("§4.1 declares the same capabilities at each call")
    void declaresTheSameCapabilities() {
        Firewall firewall = firewall();
        Set<Capability> declared = Set.copyOf(firewall.capabilities());

        firewall.install(List.of(open(0, SSH)));
        assertThat(firewall.capabilities()).isEqualTo(declared);
        firewall.close();
        assertThat(firewall.capabilities()).isEqualTo(declared);
    }

    @Test
    @DisplayName("§4.2 tells each source as the address that it was given, whatever its form")
    void tellsEverySource() {
        Firewall firewall = installed(SSH);
        List<Opening> openings = Stream.of(
                        "0.0.0.1",
                        "198.51.100.255",
                        "255.255.255.255",
                        "::ffff:203.0.113.7", // is 203.0.113.7
                        "::1:2",
                        "2001:db8::",
                        "2001:db8:1:2:3:4:5:6",
                        "fe80::1%1", // is fe80::1
                        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
                .map(literal -> new Opening(address(literal), SSH.name()))
                .toList();

        firewall.apply(openings.stream().map(o -> new Change.Open(o, LONG)).toList());
        assertThat(firewall.openings()).containsExactlyInAnyOrderElementsOf(openings);

        firewall.apply(openings.stream().map(Change.Close::new).toList());
        assertThat(firewall.openings()).isEmpty();
    }

    @Test
    @DisplayName("§4.3 tells the openings that are on the host, even those that a run that crashed has left")
    void tellsWhatAnEarlierRunLeft() {
        state();
        Firewall crashed = firewall();
        crashed.install(List.of(open(0, SSH)));
        crashed.apply(List.of(open(2, web())));

        assertThat(firewall().openings()).containsExactlyInAnyOrder(opening(0, SSH), opening(2, web()));
    }

    @Test
    @DisplayName("§4.4 is intact while nobody meddles, whatever is opened, renewed, closed or over")
    void isIntactWhileNobodyMeddles() {
        Firewall firewall = firewall();
        firewall.install(List.of(open(0, SSH), open(1, SSH, Duration.ofMillis(20))));
        assertThat(firewall.intact()).as("after the install").isTrue();

        firewall.apply(List.of(open(0, SSH), open(0, web()), open(2, SSH)));
        assertThat(firewall.intact()).as("after opening").isTrue();
        firewall.apply(List.of(close(0, SSH), close(2, SSH), close(0, web())));
        assertThat(firewall.intact()).as("after closing").isTrue();
        firewall.install(List.of(open(3, ADMIN)));
        assertThat(firewall.intact()).as("after another install").isTrue();
    }

    @Test
    @DisplayName("§4.5 is not intact once somebody has meddled with the guard, and is mended by an install")
    void noticesDamageAndMendsIt() {
        Firewall firewall = firewall();
        assertThat(host().state().isPresent() && host().damages().isEmpty())
                .as("a host with state, but no damages to it")
                .isFalse();
        firewall.install(List.of(open(0, SSH)));
        String sound = host().state().orElse("");
        host().damages().forEach((name, damage) -> {
            damage.run();
            assertThat(firewall.intact()).as("intact although somebody " + name).isFalse();

            firewall.install(List.of(open(0, SSH)));
            assertThat(firewall.intact()).as("mended after somebody " + name).isTrue();
            assertThat(firewall.openings()).as("mended after somebody " + name).containsExactly(opening(0, SSH));
            assertThat(host().state().orElse("")).isEqualTo(sound);
        });
    }

    @Test
    @DisplayName("§4.6 does a change after somebody has meddled, or says STATE_LOST")
    void saysThatItsStateIsLost() {
        Firewall firewall = firewall();
        host().damages().forEach((name, damage) -> {
            firewall.install(List.of());
            damage.run();
            try {
                firewall.apply(List.of(open(0, SSH)));
            } catch (FirewallException e) {
                assertThat(e.reason()).as(name + ": " + e.getMessage()).isEqualTo(Reason.STATE_LOST);
            }
        });
    }

    @Test
    @DisplayName("§4.7 finds out whether it is intact as fast with many openings as with none")
    void findsOutWhetherItIsIntactInConstantTime() {
        Firewall firewall = installed(SSH);
        List<Change.Open> many = new ArrayList<>();
        for (int i = 0; i < host().many(); i++) {
            InetAddress source = address("198.18." + (i >> 8) + "." + (i & 0xff));
            many.add(new Change.Open(new Opening(source, SSH.name()), LONG));
        }
        Duration empty = timeOfIntact(firewall, List.of());
        Duration full = timeOfIntact(firewall, many);

        // Others on this machine may have disturbed the one and not the other: that won't be so each time.
        for (int i = 0; i < AGAIN && full.compareTo(atMost(empty)) > 0; i++) {
            empty = timeOfIntact(firewall, List.of());
            full = timeOfIntact(firewall, many);
        }
        assertThat(full).isLessThanOrEqualTo(atMost(empty));
    }

    private static Duration atMost(Duration empty) {
        return empty.multipliedBy(3).plusMillis(20);
    }

    /** The shortest of several, which others on this machine disturb the least. */
    private Duration timeOfIntact(Firewall firewall, List<Change.Open> openings) {
        firewall.install(openings);
        return Stream.generate(() -> {
                    long start = now();
                    assertThat(firewall.intact()).isTrue();
                    return since(start);
                })
                .limit(7)
                .min(Duration::compareTo)
                .orElseThrow();
    }
}
