package io.openme.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.internal.session.Session.Effect;
import io.openme.protocol.Refusal;
import io.openme.protocol.Reply;
import io.openme.protocol.Request;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConversationTest {
    private static final Reply DONE = new Reply.Closed(1);

    private final Conversation conversation = new Conversation();

    @Test
    void asksForALineAndGoesOnAfterItsReply() {
        assertThat(say("STATUS\n")).isEqualTo(new Effect.Ask(new Request.Status(false)));
        assertThat(conversation.answered(DONE)).isEqualTo(new Effect.Say("OK closed=1\n", false));
        assertThat(conversation.next()).isEqualTo(new Effect.Await());
        assertThat(say("STATUS scope=all\r\n")).isEqualTo(new Effect.Ask(new Request.Status(true)));
    }

    @Test
    void takesALineInPiecesAndWaitsForItsEnd() {
        assertThat(say("STA")).isEqualTo(new Effect.Await());
        assertThat(conversation.quiet()).isEqualTo(new Effect.Await());
        assertThat(say("TUS")).isEqualTo(new Effect.Await());
        assertThat(say("\n")).isEqualTo(new Effect.Ask(new Request.Status(false)));
    }

    @Test
    void answersLinesThatCameTogetherOneAfterTheOther() {
        assertThat(say("STATUS\nCLOSE\nnonsense\nSTA")).isEqualTo(new Effect.Ask(new Request.Status(false)));
        assertThat(say("TUS\n")).isEqualTo(new Effect.Await());
        conversation.answered(DONE);
        assertThat(conversation.next())
                .isInstanceOfSatisfying(
                        Effect.Ask.class, ask -> assertThat(ask.request()).isInstanceOf(Request.Close.class));
        conversation.answered(DONE);
        assertThat(conversation.next()).isEqualTo(new Effect.Say("KO reason=bad-request\n", false));
        assertThat(conversation.next()).isEqualTo(new Effect.Ask(new Request.Status(false)));
    }

    @Test
    void answersWhatWasAskedBeforeTheEndOfInputAndThenEnds() {
        say("STATUS\nSTATUS\nOPEN");
        assertThat(conversation.endOfInput()).isEqualTo(new Effect.Await());
        conversation.answered(DONE);
        assertThat(conversation.next()).isEqualTo(new Effect.Ask(new Request.Status(false)));
        conversation.answered(DONE);
        assertThat(conversation.next())
                .as("a line without its end does not count")
                .isEqualTo(new Effect.End());
    }

    @Test
    void endsWithoutAWordIfNothingIsAsked() {
        assertThat(conversation.endOfInput()).isEqualTo(new Effect.End());
        assertThat(say("STATUS\n")).isEqualTo(new Effect.End());
    }

    @Test
    void anAnswerThatComesAfterTheDeadlineIsNotSent() {
        say("STATUS\n");
        assertThat(conversation.deadline()).isEqualTo(new Effect.End());
        assertThat(conversation.answered(DONE)).isEqualTo(new Effect.End());
        assertThat(conversation.next()).isEqualTo(new Effect.End());
    }

    @Test
    void aLineMayHave1024BytesWithItsEndAndNoMore() {
        String longest = "STATUS" + " ".repeat(1024 - 7);
        assertThat(say(longest + "\n")).isEqualTo(new Effect.Say("KO reason=bad-request\n", false));
        conversation.next();
        assertThat(say(longest)).isEqualTo(new Effect.Await());
        assertThat(say(" ")).isEqualTo(new Effect.Say("KO reason=too-long\n", true));
        assertThat(say("\nSTATUS\n")).isEqualTo(new Effect.End());
    }

    @Test
    void aLineThatIsTooLongAtOnceIsRefusedToo() {
        assertThat(say("STATUS" + " ".repeat(1024 - 6) + "\n")).isEqualTo(new Effect.Say("KO reason=too-long\n", true));
    }

    @Test
    void takes32CommandsInOneConnection() {
        for (int i = 0; i < 31; i++) {
            assertThat(say("STATUS\n")).isInstanceOf(Effect.Ask.class);
            conversation.answered(DONE);
            assertThat(conversation.next()).isEqualTo(new Effect.Await());
        }
        assertThat(say("nonsense\n")).isInstanceOf(Effect.Say.class);
        conversation.next();
        assertThat(say("STATUS\n")).isEqualTo(new Effect.Say("KO reason=too-many-commands\n", true));
    }

    @Test
    void aClientThatIsTrustedNoMoreHasNothingMoreToSay() {
        say("STATUS\nSTATUS\n");
        assertThat(conversation.answered(new Reply.Refused(Refusal.NOT_TRUSTED)))
                .isEqualTo(new Effect.Say("KO reason=not-trusted\n", true));
        assertThat(conversation.next()).isEqualTo(new Effect.End());
    }

    private Effect say(String text) {
        return conversation.received(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }
}
