package io.openme.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.protocol.Reply.Closed;
import io.openme.protocol.Reply.Held;
import io.openme.protocol.Reply.Listed;
import io.openme.protocol.Reply.Opened;
import io.openme.protocol.Reply.Owner;
import io.openme.protocol.Reply.Refused;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyTest {
    private static final InetAddress HERE = IpLiteral.parse("203.0.113.7").orElseThrow();
    private static final Request OPEN = Request.of(Command.open());
    private static final Request CLOSE = Request.of(Command.close());
    private static final Request STATUS = new Request.Status(true);
    private static final String FINGERPRINT = "0123456789abcdef".repeat(4);

    @Test
    void saysWhatIsOpenNow() throws Exception {
        Reply reply = new Opened(HERE, Set.of("web", "ssh"), Duration.ofMillis(600_999));

        assertThat(reply.lines()).containsExactly("OK address=203.0.113.7 services=ssh,web lifetime=600");
        assertThat(Reply.parse(reply.lines(), OPEN))
                .isEqualTo(new Opened(HERE, Set.of("web", "ssh"), Duration.ofMinutes(10)));
    }

    @Test
    void saysHowManyGrantsItClosed() throws Exception {
        assertThat(new Closed(2).lines()).containsExactly("OK closed=2");
        assertThat(Reply.parse(List.of("OK closed=0"), CLOSE)).isEqualTo(new Closed(0));
    }

    @Test
    void listsWhatIsHeldAndByWhom() throws Exception {
        Held own = new Held(HERE, "ssh", Duration.ofSeconds(431), Optional.empty());
        Held anothers =
                new Held(HERE, "web", Duration.ZERO, Optional.of(new Owner(FINGERPRINT, "Bob & Co. (50%)=\"x\"")));
        Reply reply = new Listed(HERE, List.of(own, anothers), 3);

        assertThat(reply.lines())
                .containsExactly(
                        "HELD address=203.0.113.7 service=ssh remaining=431",
                        "HELD address=203.0.113.7 service=web remaining=0 client=" + FINGERPRINT
                                + " name=Bob%20%26%20Co.%20%2850%25%29%3D%22x%22",
                        "OK address=203.0.113.7 held=2 more=3");
        assertThat(Reply.parse(reply.lines(), STATUS)).isEqualTo(reply);
    }

    @Test
    void lettersOfANameThatAreNoAsciiDoNotBreakTheLine() {
        Held held = new Held(HERE, "ssh", Duration.ZERO, Optional.of(new Owner(FINGERPRINT, "\u00e9\u4e2d\u0001")));

        assertThat(new Listed(HERE, List.of(held), 0).lines().get(0)).endsWith(" name=%3F%3F%01");
    }

    @Test
    void aNameWithControlCharactersCannotReachTheTerminalOfAnAdministrator() throws Exception {
        Listed listed = (Listed) Reply.parse(
                List.of(
                        "HELD address=192.0.2.1 service=ssh remaining=1 client=" + FINGERPRINT + " name=a%1B%0A%FFb",
                        "OK address=192.0.2.2 held=1 more=0"),
                STATUS);

        assertThat(listed.held().get(0).owner()).contains(new Owner(FINGERPRINT, "a???b"));
    }

    @ParameterizedTest
    @EnumSource(Refusal.class)
    void givesAReasonForEachRefusal(Refusal reason) throws Exception {
        Reply plain = new Refused(reason);
        Reply later = new Refused(reason, Optional.of(Duration.ofSeconds(12)));

        assertThat(plain.lines()).containsExactly("KO reason=" + reason.word());
        assertThat(later.lines()).containsExactly("KO reason=" + reason.word() + " retry-after=12");
        assertThat(Reply.parse(plain.lines(), OPEN)).isEqualTo(plain);
        assertThat(Reply.parse(later.lines(), STATUS)).isEqualTo(later);
        assertThat(plain.ok()).isFalse();
        assertThat(plain.answer()).isEqualTo(Answer.KO);
    }

    @Test
    void leavesOutWhatANewerDoormanSaysBeside() throws Exception {
        assertThat(Reply.parse(List.of("NOTE colour=red", "OK address=203.0.113.7 held=0 more=0 mood=good"), STATUS))
                .isEqualTo(new Listed(HERE, List.of(), 0));
        assertThat(Reply.parse(List.of("KO reason=full-moon"), OPEN)).isEqualTo(new Refused(Refusal.NOT_PERMITTED));
    }

    @ParameterizedTest
    @ValueSource(strings = {"OK", "OK closed=", "OK closed=1 closed=2", "OK address=203.0.113.7", "NO"})
    void refusesAnOkThatDoesNotSayWhatIsOpen(String line) {
        assertThatThrownBy(() -> Reply.parse(List.of(line), OPEN)).isInstanceOf(MalformedLineException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            OPEN address=203.0.113.7 services=ssh,web lifetime=60 | OK address=203.0.113.8 services=ssh,web lifetime=60 | 203.0.113.8 where 203.0.113.7
            OPEN address=203.0.113.7 services=ssh,web lifetime=60 | OK address=203.0.113.7 services=ssh lifetime=60 | ssh where ssh, web
            OPEN address=203.0.113.7 services=ssh,web lifetime=60 | OK address=203.0.113.7 services=dns,ssh,web lifetime=60 | dns, ssh, web where ssh, web
            OPEN address=203.0.113.7 services=ssh,web lifetime=60 | OK address=203.0.113.7 services=ssh,web lifetime=61 | 61 seconds where 60
            RENEW address=2001:db8::7 | OK address=2001:db8::8 services=ssh lifetime=60 | 2001:db8::8 where 2001:db8::7
            RENEW services=web | OK address=203.0.113.7 services=ssh lifetime=60 | ssh where web
            RENEW lifetime=60 | OK address=203.0.113.7 services=ssh lifetime=3600 | 3600 seconds where 60
            """)
    void refusesAnOkToSomethingThatWasNotAskedFor(String asked, String said, String finding) throws Exception {
        Request request = Request.parse(asked);

        assertThatThrownBy(() -> Reply.parse(List.of(said), request))
                .isInstanceOf(MalformedLineException.class)
                .hasMessageContaining(finding);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "OPEN",
                "RENEW",
                "OPEN services=web,ssh,ssh lifetime=601",
                "OPEN address=::ffff:203.0.113.7 replaces=192.0.2.1"
            })
    void takesWhatWasLeftToTheDoorman(String asked) throws Exception {
        Reply opened = new Opened(HERE, Set.of("web", "ssh"), Duration.ofMinutes(10));

        assertThat(Reply.parse(opened.lines(), Request.parse(asked))).isEqualTo(opened);
    }

    @Test
    void takesNothingForAResultThatIsNone() {
        List<String> lines = List.of("HELD address=203.0.113.7 services=ssh lifetime=60 held=1 more=0 closed=1");

        for (Request request : List.of(OPEN, STATUS)) {
            assertThatThrownBy(() -> Reply.parse(lines, request)).isInstanceOf(MalformedLineException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"OK", "KO", "OK a=b", "KO reason=busy"})
    void tellsTheLastLineOfAReply(String line) {
        assertThat(Reply.isResult(line)).isTrue();
        assertThat(Reply.isResult("HELD " + line)).isFalse();
        assertThat(Reply.isResult(line.charAt(0) + "X" + line)).isFalse();
    }
}
