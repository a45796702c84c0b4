package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void writesWhatItIsGiven() {
        assertThat(Json.write(List.of(1, true, "a", List.of(), Map.of("k", List.of("v")))))
                .isEqualTo("[1,true,\"a\",[],{\"k\":[\"v\"]}]");
    }

    @Test
    void escapesWhatWouldEndAString() {
        assertThat(Json.write("a\"b\\c\nd\u0007é\uD83D\uDE00")).isEqualTo("\"a\\\"b\\\\c\\nd\\u0007é\\ud83d\\ude00\"");
    }
}
