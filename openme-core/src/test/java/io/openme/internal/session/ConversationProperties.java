package io.openme.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.internal.session.Session.Effect;
import io.openme.protocol.Refusal;
import io.openme.protocol.Reply;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class ConversationProperties {
    @Property(tries = 3000)
    void theWayLinesAreCutIntoRecordsNeverChangesWhatIsSaid(
            @ForAll("conversations") String text, @ForAll @Size(max = 12) List<@IntRange(max = 4000) Integer> cuts) {
        assertThat(drive(cut(text, cuts))).isEqualTo(drive(List.of(text)));
    }

    @Property(tries = 3000)
    void eachLineGetsOneReplyInItsOrder(@ForAll @Size(min = 1, max = 32) List<@From("lines") String> lines) {
        List<String> said = drive(List.of(String.join("\n", lines) + "\n"));

        assertThat(said).hasSameSizeAs(lines);
        for (int i = 0; i < said.size(); i++) {
            assertThat(said.get(i)).startsWith(known(lines.get(i)) ? "OK" : "KO");
        }
    }

    @Property(tries = 3000)
    void noInputMakesItThrowOrSayMoreThanItMay(@ForAll("records") List<byte[]> records, @ForAll boolean trusted) {
        Conversation conversation = new Conversation();
        List<String> said = new ArrayList<>();
        for (byte[] record : records) {
            carryOut(conversation, conversation.received(ByteBuffer.wrap(record)), said, trusted);
        }
        carryOut(conversation, conversation.endOfInput(), said, trusted);
        assertThat(conversation.next()).isEqualTo(new Effect.End());
        assertThat(said).hasSizeLessThanOrEqualTo(Conversation.MOST_COMMANDS + 1);
        assertThat(said).allMatch(text -> text.endsWith("\n"));
    }

    private static boolean known(String line) {
        return line.startsWith("STATUS") || line.startsWith("CLOSE");
    }

    private static List<String> drive(List<String> records) {
        Conversation conversation = new Conversation();
        List<String> said = new ArrayList<>();
        for (String record : records) {
            byte[] bytes = record.getBytes(StandardCharsets.ISO_8859_1);
            carryOut(conversation, conversation.received(ByteBuffer.wrap(bytes)), said, true);
        }
        carryOut(conversation, conversation.endOfInput(), said, true);
        return said;
    }

    private static void carryOut(Conversation conversation, Effect first, List<String> said, boolean trusted) {
        Effect effect = first;
        while (true) {
            if (effect instanceof Effect.Ask) {
                effect = conversation.answered(trusted ? new Reply.Closed(0) : new Reply.Refused(Refusal.NOT_TRUSTED));
            } else if (effect instanceof Effect.Say say) {
                said.add(say.text());
                effect = say.last() ? new Effect.End() : conversation.next();
            } else {
                return;
            }
        }
    }

    private static List<String> cut(String text, List<Integer> cuts) {
        List<String> pieces = new ArrayList<>();
        int from = 0;
        for (int at :
                cuts.stream().map(c -> Math.min(c, text.length())).sorted().toList()) {
            pieces.add(text.substring(from, at));
            from = at;
        }
        pieces.add(text.substring(from));
        return pieces;
    }

    @Provide
    Arbitrary<String> lines() {
        return Arbitraries.of("STATUS", "CLOSE", "CLOSE address=*", "HELLO", "", "status", "OPEN lifetime=0");
    }

    @Provide
    Arbitrary<String> conversations() {
        Arbitrary<String> line =
                Arbitraries.oneOf(lines(), Arbitraries.strings().ascii().ofMaxLength(1100), Arbitraries.of("STATUS\r"));
        return line.list().ofMaxSize(40).map(lines -> String.join("\n", lines));
    }

    @Provide
    Arbitrary<List<byte[]>> records() {
        return Arbitraries.oneOf(
                        Arbitraries.bytes().array(byte[].class).ofMaxSize(2000),
                        lines().map(line ->
                                Arrays.copyOf((line + "\n").getBytes(StandardCharsets.US_ASCII), line.length() + 1)))
                .list()
                .ofMaxSize(12);
    }
}
