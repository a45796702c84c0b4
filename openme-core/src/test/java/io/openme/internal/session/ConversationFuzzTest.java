package io.openme.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.openme.protocol.Reply;

/** {@code openme/2}, whatever a peer sends and whenever its decisions come. */
class ConversationFuzzTest {
    @FuzzTest
    void answersEachRequestOnceAndOnlySoManyOfThem(byte[] script) {
        SessionRun run = new SessionRun(new Conversation());

        run.carryOut(script);

        assertThat(run.asked()).hasSizeLessThanOrEqualTo(Conversation.MOST_COMMANDS);
        // One more says that these were too many.
        assertThat(run.said()).hasSizeLessThanOrEqualTo(Conversation.MOST_COMMANDS + 1);
        for (String text : run.said()) {
            assertThat(text).endsWith("\n").hasSizeLessThanOrEqualTo(100);
            assertThat(Reply.isResult(text.strip())).isTrue();
        }
    }
}
