package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeapTest {
    @ParameterizedTest
    @CsvSource({
        "16384, 1024, 16384",
        "16384, 512, 10485",
        "16384, 256, 5242",
        "16384, 128, 2621",
        "100, 128, 100",
        "100, 0, 1"
    })
    void leavesTwoFifthsOfTheHeapForEverythingElse(int wanted, long megabytes, int possible) {
        assertThat(Heap.connections(wanted, megabytes << 20)).isEqualTo(possible);
    }
}
