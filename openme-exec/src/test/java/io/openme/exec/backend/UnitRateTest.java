package io.openme.exec.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class UnitRateTest {
    @Test
    void takesTheShortestUnitThatSaysItExactly() {
        assertThat(UnitRate.of(200, Duration.ofSeconds(10))).hasToString("20/second");
        assertThat(UnitRate.of(5, Duration.ofSeconds(10))).hasToString("30/minute");
        assertThat(UnitRate.of(1, Duration.ofSeconds(48))).hasToString("75/hour");
        assertThat(UnitRate.of(1_000_000, Duration.ofSeconds(1))).hasToString("1000000/second");
    }

    @Test
    void roundsDownByLessThanAThousandth() {
        assertThat(UnitRate.of(7, Duration.ofSeconds(13))).hasToString("46523/day");
        assertThat(UnitRate.of(1, Duration.ofMillis(59_999))).hasToString("1440/day");
    }
}
