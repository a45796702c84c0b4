package io.openme.knocker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.knocker.KnockResult.Status;
import io.openme.protocol.Command;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Refusal;
import io.openme.protocol.Reply.Closed;
import io.openme.protocol.Reply.Held;
import io.openme.protocol.Reply.Listed;
import io.openme.protocol.Reply.Opened;
import io.openme.protocol.Reply.Refused;
import io.openme.protocol.Request;
import io.openme.protocol.Request.Close;
import io.openme.protocol.Request.Open;
import io.openme.protocol.Request.Renew;
import io.openme.protocol.Request.Where;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AskTest {
    private static final TestCa CA = TestCa.create();
    private static final TestCertificate ALICE = CA.client("alice").issue();
    private static final TestCertificate SERVER = CA.server("127.0.0.1").issue();
    private static final InetAddress LOOPBACK = ip("127.0.0.1");
    private static final InetAddress GUEST = ip("192.0.2.7");
    private static final Request STATUS = new Request.Status(false);

    private final Openme2Server server = new Openme2Server(CA, SERVER, LOOPBACK, 0, "openme/2", "openme/1");

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void opensServicesByNameForATimeAndSaysWhatWasGranted() {
        server.answering("OK address=192.0.2.7 services=ssh,web lifetime=300 newer=thing\n");

        KnockResult result = knocker(server)
                .ask(new Open(
                        Optional.of(GUEST),
                        Set.of("web", "ssh"),
                        Optional.of(Duration.ofMinutes(10)),
                        Optional.of(ip("2001:db8::7"))));

        assertThat(result.reply()).contains(new Opened(GUEST, Set.of("ssh", "web"), Duration.ofMinutes(5)));
        assertThat(result.granted()).isTrue();
        assertThat(result.detail()).isEqualTo("open for 192.0.2.7: ssh, web, for 300 seconds");
        assertThat(server.heard())
                .containsExactly("127.0.0.1 OPEN address=192.0.2.7 services=ssh,web lifetime=600 replaces=2001:db8::7");
    }

    @Test
    void asksWhatIsOpenAndLeavesOutWhatANewerServerAdds() {
        server.answering(
                "HELD address=192.0.2.7 service=ssh remaining=9\nNEWS of=today\nOK address=127.0.0.1 more=0\n");

        assertThat(knocker(server).ask(STATUS).reply())
                .contains(new Listed(
                        LOOPBACK, List.of(new Held(GUEST, "ssh", Duration.ofSeconds(9), Optional.empty())), 0));
    }

    @Test
    void saysCommandsOfTheWrittenProtocolInTheNewOne() {
        assertThat(knocker(server).open().reply()).isPresent();
        assertThat(knocker(server).knock(Command.closeFor(GUEST)).reply()).contains(new Closed(1));
        assertThat(server.heard()).containsExactly("127.0.0.1 OPEN", "127.0.0.1 CLOSE address=192.0.2.7");
    }

    @ParameterizedTest
    @EnumSource(Refusal.class)
    void saysWhatEachRefusalMeans(Refusal refusal) {
        server.answering("KO reason=" + refusal.word() + "\n");

        KnockResult result = knocker(server).open();

        assertThat(result.status()).isEqualTo(Status.REFUSED);
        assertThat(result.refusal()).contains(refusal);
        assertThat(result.detail()).contains("KO to OPEN (" + refusal.word() + "), so nothing changed: ");
    }

    @Test
    void saysWhenToComeAgain() {
        server.answering("KO reason=rate-limited retry-after=7\n");

        KnockResult result = knocker(server).open();

        assertThat(result.reply()).contains(new Refused(Refusal.RATE_LIMITED, Optional.of(Duration.ofSeconds(7))));
        assertThat(result.detail()).contains("in 7 seconds");
    }

    @Test
    void takesAReasonOfANewerServerForARefusal() {
        server.answering("KO reason=moon-phase\n");

        assertThat(knocker(server).open().status()).isEqualTo(Status.REFUSED);
    }

    @Test
    void asksSeveralThingsInOneConnection() {
        try (Conversation conversation = knocker(server).connect()) {
            assertThat(conversation.ask(Request.of(Command.open())).granted()).isTrue();
            assertThat(conversation.ask(Request.of(Command.openFor(GUEST))).granted())
                    .isTrue();
            assertThat(conversation.ask(Request.of(Command.close())).granted()).isTrue();
        }
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void connectsAnewAfterTheServerHungUp() {
        server.answering(
                (client, line) -> line.contains("192.0.2.7") ? Optional.empty() : Openme2Server.agree(client, line));
        try (Conversation conversation = knocker(server).connect()) {
            KnockResult lost = conversation.ask(Request.of(Command.openFor(GUEST)));
            assertThat(lost.status()).isEqualTo(Status.UNREACHABLE);
            assertThat(lost.detail()).contains("may have happened");
            assertThat(conversation.ask(Request.of(Command.open())).granted()).isTrue();
        }
        assertThat(server.connections()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello\n",
                "\n",
                "OK\n",
                "OK address=nowhere services=ssh lifetime=5\n",
                "OK address=192.0.2.7 services=ssh lifetime=-5\n",
                "OK address=192.0.2.7  services=ssh lifetime=5\n",
                "OK address=192.0.2.7 services=ssh lifetime=5\r\n",
                "\u0000\u00ff\n"
            })
    void takesGarbageForNoSuccess(String garbage) {
        // Whoever goes on reading gets nothing more: the connection ends.
        server.answering((client, line) -> Optional.of(garbage + "KO\u0000\n"));

        KnockResult result = knocker(server).open();

        assertThat(result.status()).as(result.detail()).isEqualTo(Status.WRONG_SERVER);
        assertThat(result.reply()).isEmpty();
    }

    @Test
    void readsNoEndlessReply() {
        server.answering("HELD address=192.0.2.7 service=ssh remaining=9\n".repeat(4_000));

        assertThat(knocker(server).ask(STATUS).detail()).contains("more than 1024 lines");
    }

    @Test
    void readsNoEndlessLine() {
        server.answering("X".repeat(500_000));

        assertThat(knocker(server).ask(STATUS).detail()).contains("longer than 131072 bytes");
    }

    @Test
    void readsTheLongestListThatADoormanSends() {
        String line = "HELD address=2001:db8:ffff:ffff:ffff:ffff:ffff:ffff service=" + "s".repeat(31)
                + " remaining=999999999 client=" + "f".repeat(64) + " name=" + "%2F".repeat(64) + "\n";
        server.answering(line.repeat(256) + "OK address=192.0.2.7 held=256 more=9\n");

        KnockResult result = knocker(server).ask(new Request.Status(true));

        assertThat(result.reply()).as(result.detail()).get().isInstanceOfSatisfying(Listed.class, listed -> {
            assertThat(listed.held()).hasSize(256);
            assertThat(listed.more()).isEqualTo(9);
        });
    }

    @Test
    void aReplyThatNeverEndsTimesOut() {
        server.answering("HELD address=192.0.2.7 service=ssh remaining=9\nOK address");

        KnockResult result =
                builder(server).timeout(Duration.ofMillis(500)).build().ask(STATUS);

        assertThat(result.status()).isEqualTo(Status.TIMED_OUT);
        assertThat(result.elapsed()).isBetween(Duration.ofMillis(500), Duration.ofSeconds(5));
    }

    @ParameterizedTest
    @MethodSource("whatTheWrittenProtocolCantSay")
    void saysNothingToAnOlderServerThatItCouldNotUnderstand(Request request) {
        try (Openme2Server older = new Openme2Server(CA, SERVER, LOOPBACK, 0, "openme/1")) {
            KnockResult result = knocker(older).ask(request);

            assertThat(result.status()).isEqualTo(Status.UNSUPPORTED);
            assertThat(result.detail()).contains("speaks only openme/1").contains(request.line());
            assertThat(older.heard()).isEmpty();
        }
    }

    private static Stream<Request> whatTheWrittenProtocolCantSay() {
        return Stream.of(
                STATUS,
                new Renew(Optional.empty(), Set.of(), Optional.empty()),
                new Open(Optional.empty(), Set.of("ssh"), Optional.empty(), Optional.empty()),
                new Open(Optional.empty(), Set.of(), Optional.of(Duration.ofSeconds(5)), Optional.empty()),
                new Open(Optional.empty(), Set.of(), Optional.empty(), Optional.of(GUEST)),
                new Close(new Where.Everywhere(), Set.of(), Optional.empty()),
                new Close(new Where.Here(), Set.of("ssh"), Optional.empty()),
                new Close(new Where.At(GUEST), Set.of(), Optional.of("f".repeat(64))));
    }

    @Test
    void speaksTheWrittenProtocolToAnOlderServerInOneConnectionEach() {
        try (Openme2Server older = new Openme2Server(CA, SERVER, LOOPBACK, 0, "openme/1");
                Conversation conversation = knocker(older).connect()) {
            KnockResult opened = conversation.ask(Request.of(Command.openFor(GUEST)));
            assertThat(opened.granted()).isTrue();
            assertThat(opened.reply()).isEmpty();
            assertThat(conversation.ask(Request.of(Command.close())).granted()).isTrue();
            assertThat(older.heard()).containsExactly("127.0.0.1 OPENME 192.0.2.7", "127.0.0.1 MEOPEN");
            assertThat(older.connections()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ssh lifetime=9", "ssh\nCLOSE", "SSH", "", "a,b"})
    void refusesAServiceNameThatWouldBeSomethingElse(String name) {
        assertThatThrownBy(() -> knocker(server)
                        .ask(new Open(Optional.empty(), Set.of(name), Optional.empty(), Optional.empty())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("can't be said");
        assertThat(server.connections()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 1_500, 1_000_000_000_000L})
    void refusesALifetimeThatCantBeSaid(long millis) {
        assertThatThrownBy(() -> knocker(server)
                        .ask(new Renew(Optional.empty(), Set.of(), Optional.of(Duration.ofMillis(millis)))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Knocker knocker(Openme2Server server) {
        return builder(server).build();
    }

    private static Knocker.Builder builder(Openme2Server server) {
        return Knocker.builder()
                .identity(Identity.of(ALICE.key(), ALICE.chain()))
                .trust(Trust.of(CA.certificate()))
                .server("127.0.0.1", server.port());
    }

    private static InetAddress ip(String text) {
        return IpLiteral.parse(text).orElseThrow();
    }
}
