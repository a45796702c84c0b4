package io.openme.internal.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.openme.protocol.Reply;
import io.openme.testkit.TestCertificate;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ConversationListenerTest {
    private static TestTls tls;
    private static TestCertificate alice;

    private final Doorbell bell = new Doorbell();
    private final AtomicLong nanos = new AtomicLong();
    private KnockListener listener;

    @BeforeAll
    static void makeCertificates() {
        tls = new TestTls();
        alice = tls.client("alice");
    }

    @BeforeEach
    void start() {
        listener = new KnockListener(
                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                Limits.defaults(),
                tls.engines(true),
                bell,
                nanos::get);
        listener.start();
    }

    @AfterEach
    void close() {
        listener.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void answersSeveralCommandsInOneConnection(String version) throws IOException {
        try (Knocking client = connect(version).offer("openme/1", "openme/2")) {
            assertThat(client.protocol()).isEqualTo("openme/2");
            client.say("OPEN services=ssh\n");
            assertThat(client.line()).isEqualTo("OK closed=0");
            bell.decision = CompletableFuture.completedFuture(Doorbell.KO);
            client.say("RENEW\r\n");
            assertThat(client.line()).isEqualTo("KO reason=not-permitted");
            client.say("HELLO\n");
            assertThat(client.line()).isEqualTo("KO reason=unsupported");
            assertThat(client.endOutput().answer()).isEmpty();
        }
        assertThat(bell.knocks).containsExactly("alice 127.0.0.1 OPEN services=ssh", "alice 127.0.0.1 RENEW");
    }

    @Test
    void answersWhatCameTogetherBeforeTheEndOfTheStream() throws IOException {
        try (Knocking client = connect("TLSv1.3").offer("openme/2")) {
            client.say("STATUS\nSTATUS\n", "STA", "TUS\nOPEN").endOutput();
            assertThat(client.answer()).isEqualTo("OK closed=0\n".repeat(3));
        }
        assertThat(bell.knocks).hasSize(3);
    }

    @Test
    void sendsTheLongestReplyWhole() throws IOException {
        Reply.Held held = new Reply.Held(
                InetAddress.getByName("2001:db8:1111:2222:3333:4444:5555:6666"),
                "s".repeat(31),
                Duration.ofSeconds(999_999_999),
                Optional.of(new Reply.Owner("f".repeat(64), "%".repeat(64))));
        Reply longest =
                new Reply.Listed(InetAddress.getLoopbackAddress(), Collections.nCopies(Reply.Listed.MOST, held), 1000);
        bell.decision = CompletableFuture.completedFuture(longest);
        try (Knocking client = connect("TLSv1.3").offer("openme/2")) {
            client.say("STATUS\nSTATUS\n").endOutput();
            assertThat(client.answer()).isEqualTo((String.join("\n", longest.lines()) + "\n").repeat(2));
        }
    }

    @Test
    void aPeerThatOffersNoProtocolOrTheOldOneSeesTheWrittenProtocol() throws IOException {
        try (Knocking client = connect("TLSv1.3")) {
            assertThat(client.protocol()).isEmpty();
            assertThat(client.say("OPENME\n").answer()).isEqualTo("OK\n");
        }
        try (Knocking client = connect("TLSv1.3").offer("openme/1")) {
            assertThat(client.protocol()).isEqualTo("openme/1");
            assertThat(client.say("OPEN services=ssh\n").answer()).isEqualTo("KO\n");
        }
    }

    @Test
    void refusesAPeerThatSpeaksSomethingElse() throws IOException {
        try (Knocking client = connect("TLSv1.3").offer("h2", "openme/3")) {
            assertThatThrownBy(client::protocol)
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("no_application_protocol");
        }
    }

    @Test
    void eachCommandHasItsOwnTimeAndNoMore() throws Exception {
        try (Knocking client = connect("TLSv1.3").offer("openme/2")) {
            for (int i = 0; i < 3; i++) {
                client.say("STATUS\n");
                assertThat(client.line()).isEqualTo("OK closed=0");
                pass(Duration.ofSeconds(4));
            }
            pass(Duration.ofSeconds(2));
            assertThatThrownBy(client::line).isInstanceOf(EOFException.class);
        }
        pass(KnockListener.DRAIN_TIME.plusSeconds(1));
        await().until(() -> listener.connections() == 0);
    }

    @Test
    void manyBytesAreFineIfTheyAreManyCommands() throws IOException {
        String longLine = "STATUS scope=" + "x".repeat(900) + "\n";
        try (Knocking client = connect("TLSv1.3").offer("openme/2")) {
            for (int i = 0; i < 31; i++) {
                client.say(longLine);
                assertThat(client.line()).isEqualTo("KO reason=bad-request");
            }
        }
    }

    @Test
    void anOutcomeThatNobodyKnowsGetsNoReply() throws IOException {
        bell.decision = CompletableFuture.failedFuture(new IllegalStateException("closed"));
        try (Knocking client = connect("TLSv1.3").offer("openme/2")) {
            assertThat(client.say("OPEN\nSTATUS\n").answer()).isEmpty();
        }
        assertThat(bell.knocks).hasSize(1);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        listener.wakeUp();
    }

    private Knocking connect(String version) throws IOException {
        return new Knocking(tls.context(alice), listener.addresses().get(0), version);
    }

    @Test
    void goesOnOnlyWithAPeerThatTakesItsReplies() throws Exception {
        Reply.Held held = new Reply.Held(
                InetAddress.getByName("2001:db8:1111:2222:3333:4444:5555:6666"),
                "s".repeat(31),
                Duration.ofSeconds(999_999_999),
                Optional.of(new Reply.Owner("f".repeat(64), "%".repeat(64))));
        bell.decision = CompletableFuture.completedFuture(
                new Reply.Listed(InetAddress.getLoopbackAddress(), Collections.nCopies(Reply.Listed.MOST, held), 0));
        try (Knocking client = connect("TLSv1.3").offer("openme/2").receiveBuffer(32 * 1024)) {
            client.say("STATUS\n".repeat(32));
            await().during(Duration.ofMillis(300)).until(() -> bell.knocks.size() < 32);
            int before = bell.knocks.size();

            assertThat(client.endOutput().answer().lines()).hasSize(32 * (Reply.Listed.MOST + 1));
            assertThat(before).isLessThan(32);
            assertThat(bell.knocks).hasSize(32);
        }
    }
}
