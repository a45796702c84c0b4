package io.openme.exec.backend;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What {@code cat /proc/net/tcp} prints, on whatever host the command leads to. */
class EarlierConnectionFuzzTest {
    @FuzzTest
    void readsConnectionsAndNothingElse(byte[] bytes) {
        String proc = new String(bytes, StandardCharsets.ISO_8859_1);

        List<EarlierConnection> found = EarlierConnection.parse(proc);

        assertThat(found).hasSizeLessThanOrEqualTo((int) proc.lines().count());
        for (EarlierConnection each : found) {
            assertThat(each.source().getHostAddress()).matches("[0-9a-f:.]+");
            assertThat(each.port()).isBetween(0, 65535);
            assertThat(each.sourcePort()).isBetween(0, 65535);
        }
    }
}
