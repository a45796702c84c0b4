package io.openme.examples.haproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.spi.FirewallException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HaproxyFirewallTest {
    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.1", "203.0.113.9/32", ""})
    void asksNobodyForTheAddressOfAnEntryThatIsNone(String entry) {
        assertThatThrownBy(() -> HaproxyFirewall.address(entry))
                .isInstanceOf(FirewallException.class)
                .hasMessageEndingWith("no address: " + entry);
    }

    @ParameterizedTest
    @ValueSource(strings = {"203.0.113.9", "2001:db8:0:0:0:0:0:7"})
    void readsWhatItWrites(String entry) {
        assertThat(HaproxyFirewall.address(entry).getHostAddress()).isEqualTo(entry);
    }
}
