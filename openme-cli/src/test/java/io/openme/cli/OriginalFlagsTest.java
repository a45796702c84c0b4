package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginalFlagsTest {
    @ParameterizedTest
    @CsvSource({
        "-c old.yaml, serve -c old.yaml",
        "--config-file=old.yaml, serve --config-file=old.yaml",
        "-d, serve -d",
        "-d --debug, serve -d --debug",
        "--debug -c old.yaml, serve --debug -c old.yaml",
        "-s door -o, open -s door",
        "-s door, open -s door",
        "-s door -p 1980 --openme, open -s door -p 1980",
        "-s door -m, close -s door",
        "-e -s door, status --me -s door",
        "-s door --me, status --me -s door",
        "-s door --meopen, close -s door",
        "--miopen --ip-address 192.0.2.1 --server door, close 192.0.2.1 --server door",
        "-o -i 192.0.2.1 -s door --server-hostname d, open 192.0.2.1 -s door --server-hostname d",
        "-o --ip-address=192.0.2.1 --server=door, open 192.0.2.1 --server=door",
    })
    void standForCommands(String original, String ours) {
        assertThat(OriginalFlags.translate(words(original))).isEqualTo(words(ours));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"open -s door", "--debug serve -c x", "-v open -o", "--help", "-V", "--nonsense", "ca list"})
    void leaveEverythingElseAlone(String arguments) {
        assertThat(OriginalFlags.translate(words(arguments))).isEqualTo(words(arguments));
    }

    @Test
    void leavesNoArgumentsAlone() {
        assertThat(OriginalFlags.translate(List.of())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "-e -o -s door, -e/--me only asks the doorman",
        "-s door -i 192.0.2.1 --me, -e/--me only asks the doorman",
        "-o -m -s door, --openme opens and --meopen closes",
        "-c file -s door, -c and -d are flags of the daemon",
        "-s door -o -i, -i needs an address",
    })
    void areRefusedWhereTheyContradictEachOther(String original, String message) {
        assertThatThrownBy(() -> OriginalFlags.translate(words(original)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message);
    }

    private static List<String> words(String text) {
        return List.of(text.split(" "));
    }
}
