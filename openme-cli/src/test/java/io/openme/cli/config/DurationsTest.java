package io.openme.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "1h, PT1H",
        "30m, PT30M",
        "90s, PT90S",
        "1h30m, PT90M",
        "2d, PT48H",
        "1d12h5m3s, PT36H5M3S",
        "500ms, PT0.5S",
        "1m1500ms, PT61.5S",
        "PT1H30M, PT90M",
        "P1D, PT24H",
        "PT0.5S, PT0.5S",
        "0s, PT0S"
    })
    void readsWhatPeopleWrite(String text, Duration meant) {
        assertThat(Durations.parse(text)).contains(meant);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "h",
                "1h 30m",
                "30m1h",
                "-1h",
                "1.5h",
                "1H",
                "1w",
                "PT",
                "P",
                "99999999999s",
                "1h1h",
                "5ms1s",
                "0.5ms"
            })
    void takesNothingElse(String text) {
        assertThat(Durations.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1s", "1m", "1h30m", "365d", "1d1s", "250ms", "1s1ms", "PT0.00025S", "PT0S"})
    void writesWhatItReads(String text) {
        assertThat(Durations.format(Durations.parse(text).orElseThrow())).isEqualTo(text);
    }
}
