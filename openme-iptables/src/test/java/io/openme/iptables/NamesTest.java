package io.openme.iptables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.spi.FirewallException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NamesTest {
    private final Names names = new Names("openme");

    @Test
    void fitsTheLongestNamesIntoWhatTheKernelTakes() {
        Names longest = new Names("o".repeat(15));
        String service = "s".repeat(31);

        assertThat(longest.set(service, Family.IPV4, 'a')).hasSize(31);
        assertThat(longest.set(service, Family.IPV4, 'a'))
                .isNotEqualTo(longest.set("s".repeat(30), Family.IPV4, 'a'))
                .isEqualTo(longest.set(service, Family.IPV4, 'a'));
        assertThat(longest.earlierSet(Family.IPV6, 'z')).hasSizeLessThan(32);
        assertThat(longest.check(99_999)).hasSizeLessThan(29);
        assertThat(longest.isSetOf(longest.set(service, Family.IPV6, 'z'), service))
                .isTrue();
    }

    @Test
    void knowsWhatBelongsToItsOwner() {
        assertThat(List.of("openme", "openme.1", "openme.ssh.4a")).allMatch(names::isOurs);
        assertThat(List.of("openme-two", "openme-two.1", "openmex", "open")).noneMatch(names::isOurs);
        assertThat(names.isSetOf("openme.ssh.4a", "ssh")).isTrue();
        assertThat(names.isSetOf("openme.ssh-two.4a", "ssh")).isFalse();
        assertThat(names.isEarlierSet("openme.EARLIER.4a")).isTrue();
        assertThat(names.isEarlierSet(names.set("earlier", Family.IPV4, 'a'))).isFalse();
    }

    @Test
    void takesAGenerationThatNoSetIsOf() {
        assertThat(names.freeGeneration(List.of())).isEqualTo('a');
        assertThat(names.freeGeneration(List.of("openme.ssh.4a", "openme.ssh.6c", "other.ssh.4b")))
                .isEqualTo('b');
    }

    @Test
    void refusesToPutOpeningsIntoSetsThatAreThere() {
        List<String> all = IntStream.rangeClosed('a', 'z')
                .mapToObj(generation -> names.set("ssh", Family.IPV4, (char) generation))
                .toList();

        assertThatThrownBy(() -> names.freeGeneration(all))
                .isInstanceOf(FirewallException.class)
                .hasMessageContaining("ipset list -name");
    }
}
