package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptorsTest {
    @ParameterizedTest
    @CsvSource({
        "16384, 9223372036854775807, 16384",
        "16384, 1048576, 16384",
        "16384, 16896, 16384",
        "16384, 16895, 16383",
        "16384, 4096, 3584",
        "16384, 1024, 512",
        "16384, 256, 128",
        "100, 256, 100",
        "100, 0, 1"
    })
    void leavesTheReserveOrHalfOfALimitThatIsSmall(int wanted, long limit, int possible) {
        assertThat(Descriptors.connections(wanted, limit)).isEqualTo(possible);
    }
}
