package io.openme.iptables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.openme.spi.FirewallException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What {@code iptables-save} prints, with what others put there. */
class MangleFuzzTest {
    private static final Names NAMES = new Names("openme");

    @FuzzTest
    void readsWhatIsOursAndNothingElse(byte[] bytes) {
        String saved = new String(bytes, StandardCharsets.ISO_8859_1);

        if (saved.indexOf('\0') >= 0) {
            assertThatThrownBy(() -> Mangle.parse(saved, NAMES))
                    .isInstanceOf(FirewallException.class)
                    .hasMessageContaining("NUL");
            return;
        }
        Mangle mangle = Mangle.parse(saved, NAMES);

        assertThat(mangle.chains()).allMatch(NAMES::isOurs);
        List<PlainOpening> openings = mangle.plainOpenings().toList();
        for (PlainOpening each : openings) {
            assertThat(each.opening().source().toString())
                    .as("nobody was asked for the address of a name")
                    .startsWith("/");
            assertThat(PlainOpening.parse(each.rule("openme.1", Side.SENDER).strip()))
                    .contains(each);
        }
        assertThat(mangle.outline())
                .hasSizeLessThanOrEqualTo((int) saved.lines().count() + 3);
        assertThat(mangle.sets()).noneMatch(String::isEmpty);
        removesOnlyOurs(Rules.remove(mangle));
    }

    /** What we would hand to iptables-restore for it names no chain of others but for a jump to ours. */
    private static void removesOnlyOurs(String script) {
        for (String line : script.lines().toList()) {
            if (line.startsWith(":") || line.startsWith("-X ")) {
                assertThat(NAMES.isOurs(line.replaceFirst("^(:|-X )", "").split(" ", 2)[0]))
                        .as(line)
                        .isTrue();
            } else {
                assertThat(line)
                        .matches("\\*mangle|COMMIT|(?s)-D (PREROUTING|INPUT|OUTPUT)( .*)? -[jg] openme(\\.\\S*)?");
            }
        }
    }
}
