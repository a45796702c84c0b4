package io.openme.iptables;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.spi.DoorLimit;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DoorTest {
    private static final Names NAMES = new Names("openme");

    @Test
    void writesTheChainForAPersonToRead() {
        Door door = new Door(new TreeSet<>(List.of(54154)), new DoorLimit(200, Duration.ofSeconds(10)));

        assertThat(door.chain(NAMES, Family.IPV6)).isEqualTo("""
                        -A openme.door -i lo -j RETURN
                        -A openme.door -m addrtype ! --dst-type LOCAL -m addrtype ! --dst-type MULTICAST -m addrtype ! --dst-type ANYCAST -j RETURN
                        -A openme.door -m hashlimit --hashlimit-above 20000/second --hashlimit-burst 20000 --hashlimit-name openme.door.all.20000.10000 -j RETURN
                        -A openme.door -m hashlimit --hashlimit-above 20/second --hashlimit-burst 200 --hashlimit-mode srcip --hashlimit-srcmask 64 --hashlimit-name openme.door.64.200.10000 --hashlimit-htable-size 16384 --hashlimit-htable-max 262144 --hashlimit-htable-expire 10000 -j DROP
                        -A openme.door -m hashlimit --hashlimit-above 200/second --hashlimit-burst 2000 --hashlimit-mode srcip --hashlimit-srcmask 48 --hashlimit-name openme.door.48.2000.10000 --hashlimit-htable-size 16384 --hashlimit-htable-max 262144 --hashlimit-htable-expire 10000 -j DROP
                        """);
        assertThat(door.chain(NAMES, Family.IPV4))
                .contains("--hashlimit-srcmask 32 ")
                .doesNotContain("srcmask 48");
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 9999, 10_000, 33_333, 59_999, 60_000})
    void looksUpNoMoreSourcesThanItsTablesCanForgetInTime(int millis) {
        Door door = new Door(new TreeSet<>(List.of(1)), new DoorLimit(1, Duration.ofMillis(millis)));

        // What the kernel makes of a rate, and how long it keeps an entry at most: it looks for those that are over
        // each second.
        long micros = 1_000_000 / door.mostLookups();
        double aSecond = 1e6 / micros;
        double kept = millis / 1000.0 + 1.5;

        assertThat(door.mostLookups() + aSecond * kept).isLessThanOrEqualTo(Door.MOST_SOURCES);
        assertThat(door.mostLookups()).isGreaterThan(4000);
    }
}
