package io.openme.exec.backend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostAddressTest {
    @ParameterizedTest
    @CsvSource({
        "203.0.113.9, 203.0.113.9",
        "0.0.0.0, 0.0.0.0",
        "2001:db8::9, 2001:db8:0:0:0:0:0:9",
        "::, 0:0:0:0:0:0:0:0"
    })
    void readsWhatToolsPrint(String literal, String address) {
        assertThat(HostAddress.parse(literal).orElseThrow().getHostAddress()).isEqualTo(address);
    }

    /** The JDK takes the first ones for addresses, and asks a name server for the next ones. */
    @ParameterizedTest
    @ValueSource(
            strings = {"1.2", "203", "203.0.113.09", "cafe.fe", "fade", "", "203.0.113.256", "1:2", ":::", "fe80::1%lo"
            })
    void readsNothingElse(String text) {
        assertThat(HostAddress.parse(text)).isEmpty();
    }
}
