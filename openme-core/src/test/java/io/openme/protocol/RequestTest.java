package io.openme.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.protocol.Request.Close;
import io.openme.protocol.Request.Open;
import io.openme.protocol.Request.Renew;
import io.openme.protocol.Request.Status;
import io.openme.protocol.Request.Where;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTest {
    private static final String FINGERPRINT = "0123456789abcdef".repeat(4);

    @Test
    void readsEveryParameterOfAnOpen() throws Exception {
        assertThat(Request.parse("OPEN lifetime=600 services=web,ssh replaces=2001:db8::1 address=203.0.113.9"))
                .isEqualTo(new Open(
                        address("203.0.113.9"),
                        Set.of("ssh", "web"),
                        Optional.of(Duration.ofMinutes(10)),
                        address("2001:db8::1")));
        assertThat(Request.parse("OPEN"))
                .isEqualTo(new Open(Optional.empty(), Set.of(), Optional.empty(), Optional.empty()));
    }

    @Test
    void readsARenewalAndAStatus() throws Exception {
        assertThat(Request.parse("RENEW address=203.0.113.9 services=ssh lifetime=1"))
                .isEqualTo(new Renew(address("203.0.113.9"), Set.of("ssh"), Optional.of(Duration.ofSeconds(1))));
        assertThat(Request.parse("STATUS")).isEqualTo(new Status(false));
        assertThat(Request.parse("STATUS scope=all")).isEqualTo(new Status(true));
    }

    @Test
    void readsWhereToClose() throws Exception {
        assertThat(Request.parse("CLOSE")).isEqualTo(new Close(new Where.Here(), Set.of(), Optional.empty()));
        assertThat(Request.parse("CLOSE address=* services=ssh"))
                .isEqualTo(new Close(new Where.Everywhere(), Set.of("ssh"), Optional.empty()));
        assertThat(Request.parse("CLOSE address=203.0.113.9"))
                .isEqualTo(new Close(new Where.At(address("203.0.113.9").orElseThrow()), Set.of(), Optional.empty()));
    }

    @Test
    void closesAnothersGrantsEverywhereUnlessItSaysWhere() throws Exception {
        assertThat(Request.parse("CLOSE client=" + FINGERPRINT))
                .isEqualTo(new Close(new Where.Everywhere(), Set.of(), Optional.of(FINGERPRINT)));
        assertThatThrownBy(() -> new Close(new Where.Here(), Set.of(), Optional.of(FINGERPRINT)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " OPEN",
                "OPEN ",
                "OPEN  services=ssh",
                "open",
                "OPENSOMETHINGLONG",
                "OPEN services",
                "OPEN =ssh",
                "OPEN services=",
                "OPEN services=ssh,",
                "OPEN services=,ssh",
                "OPEN services=SSH",
                "OPEN services=abcdefghijklmnopqrstuvwxyz0123456",
                "OPEN services=ssh services=web",
                "OPEN lifetime=0",
                "OPEN lifetime=060",
                "OPEN lifetime=-1",
                "OPEN lifetime=1234567890",
                "OPEN lifetime=1.5",
                "OPEN address=host.example",
                "OPEN address=*",
                "OPEN address=127.1",
                "OPEN address=fe80::1%eth0",
                "OPEN services=ssh\u0000",
                "OPEN services=s\u00e9",
                "OPEN\tservices=ssh",
                "CLOSE client=ABC",
                "STATUS scope=mine"
            })
    void refusesALineThatDoesNotFollowTheGrammar(String line) {
        assertThatThrownBy(() -> Request.parse(line))
                .isInstanceOfSatisfying(
                        MalformedLineException.class,
                        e -> assertThat(e.refusal()).isEqualTo(Refusal.BAD_REQUEST));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HELLO",
                "OPENME",
                "OPEN colour=red",
                "RENEW replaces=192.0.2.1",
                "STATUS address=192.0.2.1",
                "CLOSE lifetime=1"
            })
    void doesNothingForWhatItDoesNotKnow(String line) {
        assertThatThrownBy(() -> Request.parse(line))
                .isInstanceOfSatisfying(
                        MalformedLineException.class,
                        e -> assertThat(e.refusal()).isEqualTo(Refusal.UNSUPPORTED));
    }

    @Test
    void meansTheSameAsACommandOfTheWrittenProtocol() {
        assertThat(Request.of(Command.open()).line()).isEqualTo("OPEN");
        assertThat(Request.of(Command.openFor(address("192.0.2.1").orElseThrow()))
                        .line())
                .isEqualTo("OPEN address=192.0.2.1");
        assertThat(Request.of(Command.close()).line()).isEqualTo("CLOSE");
        assertThat(Request.of(Command.closeFor(address("192.0.2.1").orElseThrow()))
                        .line())
                .isEqualTo("CLOSE address=192.0.2.1");
    }

    private static Optional<InetAddress> address(String text) {
        return IpLiteral.parse(text);
    }
}
