package io.openme.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.internal.session.Session.Effect;
import io.openme.protocol.Answer;
import io.openme.protocol.Command;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Refusal;
import io.openme.protocol.Reply;
import io.openme.protocol.Request;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class KnockSessionProperties {
    /** What the driver did for one session, in order. */
    private record Trace(List<Request> asked, List<String> replies, boolean ended) {}

    @Property(tries = 5000)
    void theWayALineIsCutIntoRecordsNeverChangesWhatItMeans(
            @ForAll("lines") String line, @ForAll @Size(max = 12) List<@IntRange(max = 80) Integer> cuts) {
        Trace whole = drive(List.of(data(line)), Answer.OK);
        Trace cut = drive(cut(line, cuts), Answer.OK);
        assertThat(cut).isEqualTo(whole);
    }

    @Property(tries = 2000)
    void everyCommandOfTheWrittenProtocolIsUnderstoodWithEachEnd(
            @ForAll("commands") Command command, @ForAll("ends") String end) {
        Trace trace = drive(List.of(data(command + end), EventKind.QUIET), Answer.OK);
        assertThat(trace.asked).containsExactly(Request.of(command));
        assertThat(trace.replies).containsExactly("OK" + end);
    }

    @Property(tries = 20_000)
    void noInputMakesItThrowHangAskTwiceOrAnswerTwice(@ForAll("events") List<Object> events, @ForAll Answer answer) {
        List<Object> ending = new ArrayList<>(events);
        ending.add(EventKind.DEADLINE);
        Trace trace = drive(ending, answer);
        assertThat(trace.asked).hasSizeLessThanOrEqualTo(1);
        assertThat(trace.replies).hasSizeLessThanOrEqualTo(1);
        assertThat(trace.replies.isEmpty()).as("it either replies or ends").isEqualTo(trace.ended);
        assertThat(trace.replies).allMatch(r -> r.matches("(OK|KO)(\r?\n)?"));
        if (trace.asked.isEmpty()) {
            assertThat(trace.replies).noneMatch(r -> r.startsWith("OK"));
        }
    }

    @Example
    void takesTheSpellingsOfTheOriginalClient() {
        assertThat(asked("OPEN ME")).contains(Request.of(Command.open()));
        assertThat(asked("OPEN 192.0.2.7"))
                .contains(
                        Request.of(Command.openFor(IpLiteral.parse("192.0.2.7").orElseThrow())));
        assertThat(asked("MIOPEN 192.0.2.7"))
                .contains(
                        Request.of(Command.closeFor(IpLiteral.parse("192.0.2.7").orElseThrow())));
        assertThat(asked("MEOPEN")).contains(Request.of(Command.close()));
        assertThat(asked("  OPENME\t")).contains(Request.of(Command.open()));
    }

    @Example
    void refusesWhatIsNoCommand() {
        for (String line : List.of(
                "",
                "openme",
                "OPENME 192.0.2.0/24",
                "OPENME example.org",
                "OPENME 192.0.2.7 x",
                "OPENME\0",
                "OPEN",
                "MIOPEN",
                "OPENMEE",
                "MEOPEN ME",
                "OPENME fe80::1%eth0",
                "\u00d6PENME")) {
            Trace trace = drive(List.of(data(line + "\n")), Answer.OK);
            assertThat(trace.asked).as(line).isEmpty();
            assertThat(trace.replies).as(line).containsExactly("KO\n");
        }
    }

    @Example
    void aBareCommandWaitsForQuietSoThatItsAddressMayStillCome() {
        KnockSession session = new KnockSession();
        assertThat(session.received(buffer("OPENME"))).isInstanceOf(Effect.AwaitBriefly.class);
        assertThat(session.received(buffer(" 192.0.2"))).isInstanceOf(Effect.Await.class);
        assertThat(session.quiet()).isInstanceOf(Effect.Await.class);
        assertThat(session.received(buffer(".7\n")))
                .isEqualTo(new Effect.Ask(
                        Request.of(Command.openFor(IpLiteral.parse("192.0.2.7").orElseThrow()))));
    }

    @Example
    void aLineThatIsTooLongIsRefusedBeforeItsEnd() {
        KnockSession session = new KnockSession();
        assertThat(session.received(buffer("OPENME" + " ".repeat(59)))).isInstanceOf(Effect.AwaitBriefly.class);
        assertThat(session.received(buffer(" "))).isEqualTo(new Effect.Say("KO", true));
    }

    @Example
    void aPeerThatSaysNothingGetsNothing() {
        assertThat(new KnockSession().endOfInput()).isInstanceOf(Effect.End.class);
        assertThat(new KnockSession().deadline()).isInstanceOf(Effect.End.class);
    }

    @Example
    void endOfInputEndsABareCommand() {
        KnockSession session = new KnockSession();
        session.received(buffer("MEOPEN"));
        assertThat(session.endOfInput()).isEqualTo(new Effect.Ask(Request.of(Command.close())));
        assertThat(session.answered(reply(Answer.KO))).isEqualTo(new Effect.Say("KO", true));
    }

    @Example
    void anAnswerThatComesAfterTheDeadlineIsNotSent() {
        KnockSession session = new KnockSession();
        session.received(buffer("OPENME\n"));
        assertThat(session.deadline()).isInstanceOf(Effect.End.class);
        assertThat(session.answered(reply(Answer.OK))).isInstanceOf(Effect.End.class);
    }

    private enum EventKind {
        QUIET,
        END_OF_INPUT,
        DEADLINE
    }

    private static Optional<Request> asked(String text) {
        return drive(List.of(data(text), EventKind.QUIET), Answer.OK).asked.stream()
                .findFirst();
    }

    /** Does what a driver does: carries out effects, answers what is asked, and stops once the session has ended. */
    private static Trace drive(List<Object> events, Answer answer) {
        KnockSession session = new KnockSession();
        Trace trace = new Trace(new ArrayList<>(), new ArrayList<>(), false);
        for (Object event : events) {
            Effect effect = switch (event instanceof EventKind kind ? kind.name() : "DATA") {
                case "QUIET" -> session.quiet();
                case "END_OF_INPUT" -> session.endOfInput();
                case "DEADLINE" -> session.deadline();
                default -> session.received(ByteBuffer.wrap((byte[]) event));
            };
            if (effect instanceof Effect.Ask ask) {
                trace.asked.add(ask.request());
                effect = session.answered(reply(answer));
            }
            if (effect instanceof Effect.Say say) {
                assertThat(say.last()).isTrue();
                trace.replies.add(say.text());
                return trace;
            }
            if (effect instanceof Effect.End) {
                return new Trace(trace.asked, trace.replies, true);
            }
        }
        return trace;
    }

    private static List<Object> cut(String line, List<Integer> cuts) {
        byte[] bytes = (byte[]) data(line);
        List<Object> pieces = new ArrayList<>();
        int from = 0;
        for (int at : cuts.stream().map(c -> Math.min(c, bytes.length)).sorted().toList()) {
            pieces.add(Arrays.copyOfRange(bytes, from, at));
            from = at;
        }
        pieces.add(Arrays.copyOfRange(bytes, from, bytes.length));
        return pieces;
    }

    private static Reply reply(Answer answer) {
        return answer == Answer.OK ? new Reply.Closed(0) : new Reply.Refused(Refusal.NOT_PERMITTED);
    }

    private static Object data(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap((byte[]) data(text));
    }

    @Provide
    Arbitrary<Command> commands() {
        Arbitrary<Optional<InetAddress>> addresses = Arbitraries.of(
                        "203.0.113.9", "2001:db8::1", "0.0.0.0", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")
                .map(IpLiteral::parse)
                .injectNull(0.3)
                .map(a -> a == null ? Optional.empty() : a);
        return Combinators.combine(Arbitraries.of(Command.Action.class), addresses)
                .as(Command::new);
    }

    @Provide
    Arbitrary<String> ends() {
        return Arbitraries.of("", "\n", "\r\n");
    }

    @Provide
    Arbitrary<String> lines() {
        Arbitrary<String> known = Combinators.combine(commands(), Arbitraries.of("", " ", "  ", "\t", "x", "0"))
                .as((command, tail) -> command + tail);
        Arbitrary<String> any =
                Arbitraries.strings().withChars("OPENMEI 0123456789.:abc\r\t").ofMaxLength(80);
        return Combinators.combine(
                        Arbitraries.oneOf(known, any), Arbitraries.of("\n", "\r\n"), Arbitraries.of("", "OPENME\n"))
                .as((text, end, junk) -> text + end + junk);
    }

    @Provide
    Arbitrary<List<Object>> events() {
        Arbitrary<Object> pieces = Arbitraries.oneOf(
                Arbitraries.of(
                                "OPENME",
                                "MEOPEN",
                                "OPEN",
                                " ",
                                "ME",
                                "MIOPEN",
                                "192.0.2.7",
                                "::1",
                                "\r",
                                "\n",
                                "\r\n",
                                "")
                        .map(KnockSessionProperties::data),
                Arbitraries.bytes().array(byte[].class).ofMaxSize(100).map(b -> (Object) b),
                Arbitraries.of(EventKind.class).map(k -> (Object) k));
        return pieces.list().ofMaxSize(12);
    }
}
