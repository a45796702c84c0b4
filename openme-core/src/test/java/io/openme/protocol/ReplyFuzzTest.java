package io.openme.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.openme.protocol.Reply.Held;
import io.openme.protocol.Reply.Listed;
import io.openme.protocol.Reply.Opened;
import io.openme.protocol.Reply.Owner;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a doorman answers, as a knocker reads it. */
class ReplyFuzzTest {
    private static final List<Request> REQUESTS = List.of(
            new Request.Open(Optional.empty(), Set.of(), Optional.empty(), Optional.empty()),
            new Request.Close(new Request.Where.Here(), Set.of(), Optional.empty()),
            new Request.Status(true));

    @FuzzTest
    void isReadBackFromItsOwnLinesOrRefused(byte[] bytes) {
        List<String> lines = List.of(new String(bytes, StandardCharsets.ISO_8859_1).split("\n", -1));
        for (Request request : REQUESTS) {
            try {
                Reply reply = Reply.parse(lines, request);

                assertThat(reply.ok())
                        .as("KO is never read as OK")
                        .isEqualTo(last(lines).startsWith("OK"));
                assertThat(Reply.isResult(last(lines))).isTrue();
                assertSafe(reply);
                readBack(reply, request);
            } catch (MalformedLineException e) {
                assertThat(e.getMessage()).matches("[ -~]+");
            }
        }
    }

    private static void readBack(Reply reply, Request request) throws MalformedLineException {
        // A doorman says to what it has opened, and a line can't say nothing.
        if (!(reply instanceof Opened opened && opened.services().isEmpty())) {
            assertThat(reply.lines()).allMatch(line -> line.matches("[!-~]+( [!-~]+)*"));
            assertThat(Reply.parse(reply.lines(), request)).isEqualTo(reply);
        }
    }

    /** What a person will see has nothing in it that a terminal obeys. */
    private static void assertSafe(Reply reply) {
        if (reply instanceof Listed listed) {
            assertThat(listed.held().stream().map(Held::owner).flatMap(Optional::stream))
                    .extracting(Owner::fingerprint, Owner::name)
                    .allMatch(words -> words.toString().matches("[ -~]*"));
        }
    }

    private static String last(List<String> lines) {
        return lines.get(lines.size() - 1);
    }
}
