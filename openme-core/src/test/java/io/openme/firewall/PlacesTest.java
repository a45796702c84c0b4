package io.openme.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.protocol.IpLiteral;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class PlacesTest {
    private final Places places = new Places(5, 2);

    @Test
    void leavesPlacesForOthersWhateverOneHostTakes() {
        assertThat(places.take(ip("192.0.2.1"))).isTrue();
        assertThat(places.take(ip("192.0.2.1"))).isTrue();
        assertThat(places.take(ip("192.0.2.1"))).isFalse();
        assertThat(places.take(ip("2001:db8::1"))).isTrue();
        assertThat(places.take(ip("2001:db8::2"))).isTrue();
        assertThat(places.take(ip("2001:db8::3"))).isFalse();
        assertThat(places.take(ip("2001:db8:0:1::3"))).isTrue();
        assertThat(places.take(ip("192.0.2.2"))).as("the sixth").isFalse();

        places.giveBack(ip("192.0.2.1"));
        assertThat(places.take(ip("192.0.2.1"))).isTrue();
        assertThat(places.take(ip("192.0.2.1"))).isFalse();
    }

    private static InetAddress ip(String literal) {
        return IpLiteral.parse(literal).orElseThrow();
    }
}
