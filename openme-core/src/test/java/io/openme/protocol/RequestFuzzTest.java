package io.openme.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Lines of {@code openme/2} from a peer, and the commands of the written protocol. */
class RequestFuzzTest {
    @FuzzTest
    void isReadBackFromItsOwnLineOrRefused(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        readAsLine(text);
        readAsCommand(text);
    }

    private static void readAsLine(String text) {
        try {
            Request request = Request.parse(text);
            String line = request.line();

            assertThat(line).matches("[!-~]+( [!-~]+)*");
            // Addresses and numbers become no longer, but for the zeros that :: stands for.
            assertThat(line.length()).isLessThanOrEqualTo(text.length() + 2 * 39);
            assertThat(Request.parse(line)).isEqualTo(request);
        } catch (MalformedLineException e) {
            assertThat(e.refusal()).isIn(Refusal.BAD_REQUEST, Refusal.UNSUPPORTED);
            assertThat(e.getMessage()).matches("[ -~]+");
        }
    }

    private static void readAsCommand(String text) {
        Command.parse(text).ifPresent(command -> {
            assertThat(text.strip()).hasSizeLessThanOrEqualTo(Command.MAX_LENGTH);
            assertThat(command.toString()).matches("(OPENME|MEOPEN)( [0-9a-f:.]+)?");
            assertThat(Command.parse(command.toString())).contains(command);
        });
    }
}
