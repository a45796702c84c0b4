package io.openme.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.internal.net.Source.Level;
import io.openme.protocol.IpLiteral;
import org.junit.jupiter.api.Test;

class SourceTest {
    @Test
    void takesAnIpv4AddressForAHostAndAnIpv6NetworkAsOne() {
        assertThat(source("192.0.2.1")).isEqualTo(source("192.0.2.1")).isNotEqualTo(source("192.0.2.2"));
        assertThat(source("2001:db8::1")).isEqualTo(source("2001:db8::ffff:1")).isNotEqualTo(source("2001:db8:0:1::1"));
        assertThat(source("0.0.0.0")).isNotEqualTo(source("::"));
    }

    @Test
    void knowsTheNetworksAroundAHost() {
        assertThat(shared("192.0.2.1", "192.0.2.255")).isEqualTo("PROVIDER SITE ");
        assertThat(shared("192.0.2.1", "192.0.3.1")).isEqualTo("PROVIDER ");
        assertThat(shared("192.0.2.1", "192.1.2.1")).isEmpty();
        assertThat(shared("2001:db8::1", "2001:db8:0:ffff::1")).isEqualTo("PROVIDER SITE ");
        assertThat(shared("2001:db8::1", "2001:db8:1::1")).isEqualTo("PROVIDER ");
        assertThat(shared("ffff:db8::1", "ffff:db9::1")).isEmpty();
        assertThat(shared("0.0.0.0", "::")).isEmpty();
    }

    @Test
    void takesAnAddressThatStandsForOneOfIpv4ForThat() {
        assertThat(source("64:ff9b::192.0.2.1")).isEqualTo(source("192.0.2.1"));
        assertThat(shared("64:ff9b::192.0.2.1", "64:ff9b::198.51.100.1")).isEmpty();
        assertThat(source("64:ff9b::1:c000:201")).isNotEqualTo(source("192.0.2.1"));
        assertThat(source("64:ff9b:1::192.0.2.1")).isNotEqualTo(source("192.0.2.1"));
    }

    private static String shared(String one, String other) {
        StringBuilder shared = new StringBuilder();
        for (Level level : Level.values()) {
            if (source(one).at(level).equals(source(other).at(level))) {
                shared.append(level).append(' ');
            }
        }
        return shared.toString();
    }

    private static Source source(String address) {
        return Source.of(IpLiteral.parse(address).orElseThrow());
    }
}
