package io.openme.nftables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NftablesOptionsTest {
    @Test
    void hasDefaults() {
        assertThat(NftablesOptions.of(Map.of()))
                .isEqualTo(new NftablesOptions(List.of(), "nft", Duration.ofSeconds(5), 65536));
    }

    @Test
    void readsWhatIsSet() {
        assertThat(NftablesOptions.of(
                        Map.of("command", " sudo  -n\t", "nft", "/opt/nft", "timeout", "500ms", "max-openings", "12")))
                .isEqualTo(new NftablesOptions(List.of("sudo", "-n"), "/opt/nft", Duration.ofMillis(500), 12));
    }

    @ParameterizedTest
    @CsvSource({
        "timeout, 5",
        "timeout, 0s",
        "timeout, -1s",
        "timeout, 61s",
        "timeout, 5 s",
        "timeout, 9999999s",
        "nft, ''",
        "nft, -f",
        "max-openings, 0",
        "max-openings, many",
        "max-openings, 1048577"
    })
    void refusesABadValueAndSaysWhatItTakes(String key, String value) {
        assertThatThrownBy(() -> NftablesOptions.of(Map.of(key, value)))
                .isInstanceOfSatisfying(
                        FirewallException.class,
                        thrown -> assertThat(thrown.reason()).isEqualTo(Reason.MISCONFIGURED))
                .hasMessageContaining("option " + key)
                .hasMessageContaining("\"" + value + "\"")
                .hasMessageContaining("it takes");
    }
}
