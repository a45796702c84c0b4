package io.openme.iptables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.iptables.IptablesOptions.UseOfIpset;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IptablesOptionsTest {
    @Test
    void hasDefaults() {
        assertThat(IptablesOptions.of(Map.of()))
                .isEqualTo(new IptablesOptions(
                        List.of(), Optional.empty(), UseOfIpset.AUTO, Duration.ofSeconds(5), 65536));
    }

    @Test
    void readsWhatIsSet() {
        assertThat(IptablesOptions.of(Map.of(
                        "command",
                        " sudo  -n\t",
                        "variant",
                        "legacy",
                        "ipset",
                        "required",
                        "timeout",
                        "500ms",
                        "max-openings",
                        "12")))
                .isEqualTo(new IptablesOptions(
                        List.of("sudo", "-n"),
                        Optional.of(Plane.LEGACY),
                        UseOfIpset.REQUIRED,
                        Duration.ofMillis(500),
                        12));
    }

    @ParameterizedTest
    @CsvSource({
        "timeout, 5",
        "timeout, 0s",
        "max-openings, 0",
        "max-openings, 1048577",
        "variant, old",
        "variant, NFT",
        "ipset, true"
    })
    void refusesABadValueAndSaysWhatItTakes(String key, String value) {
        assertThatThrownBy(() -> IptablesOptions.of(Map.of(key, value)))
                .isInstanceOfSatisfying(
                        FirewallException.class,
                        thrown -> assertThat(thrown.reason()).isEqualTo(Reason.MISCONFIGURED))
                .hasMessageContaining("option " + key + " of iptables")
                .hasMessageContaining("\"" + value + "\"")
                .hasMessageContaining("it takes");
    }
}
