package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.protocol.IpLiteral;
import org.junit.jupiter.api.Test;

class PrefixTest {
    @Test
    void takesAnIpv4AddressForItselfAndAnIpv6NetworkAsOne() {
        assertThat(prefix("192.0.2.1")).isEqualTo(prefix("192.0.2.1")).isNotEqualTo(prefix("192.0.2.2"));
        assertThat(prefix("2001:db8::1")).isEqualTo(prefix("2001:db8::ffff:1")).isNotEqualTo(prefix("2001:db8:0:1::1"));
        assertThat(prefix("0.0.0.0")).isNotEqualTo(prefix("::"));
    }

    private static Prefix prefix(String address) {
        return Prefix.of(IpLiteral.parse(address).orElseThrow());
    }
}
