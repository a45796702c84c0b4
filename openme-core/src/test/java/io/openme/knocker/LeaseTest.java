package io.openme.knocker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.knocker.LeaseState.Phase;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Refusal;
import io.openme.testkit.ManualTime;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real connections, and time that stands still between the steps: a lease runs on the test's own thread here. */
class LeaseTest {
    private static final Instant START = Instant.parse("2026-11-23T12:00:00Z");
    private static final TestCa CA = TestCa.at(START);
    private static final TestCertificate ALICE = CA.client("alice").issue();
    private static final TestCertificate SERVER =
            CA.server("door.example", "127.0.0.1", "::1").issue();
    private static final InetAddress LOOPBACK4 = ip("127.0.0.1");
    private static final InetAddress LOOPBACK6 = ip("::1");
    private static final InetAddress ELSEWHERE = ip("127.0.0.2");

    private final ManualTime time = new ManualTime(START);
    private final LoopbackNetwork network = new LoopbackNetwork();
    private final LeaseEvents events = new LeaseEvents();
    private final List<Lease> leases = new ArrayList<>();
    private Duration slept = Duration.ZERO;
    private Openme2Server server = server(LOOPBACK4, 0);

    @AfterEach
    void close() {
        leases.forEach(Lease::close);
        server.close();
    }

    @Test
    void opensAtOnceAndRenewsAfterAThirdOfItsLife() {
        Lease lease = hold(options().withLifetime(Duration.ofMinutes(10)));
        assertThat(lease.holding()).isFalse();

        time.runDue();
        assertThat(lease.holding()).isTrue();
        assertThat(asked()).containsExactly("OPEN lifetime=600");

        time.advance(Duration.ofSeconds(179));
        assertThat(asked()).hasSize(1);
        time.advance(Duration.ofSeconds(42));
        assertThat(asked()).containsExactly("OPEN lifetime=600", "OPEN lifetime=600 replaces=127.0.0.1");
        assertThat(events.all()).hasSize(2).allMatch(event -> event.startsWith("held IPv4 127.0.0.1 [ssh]"));
        assertThat(lease.state()).singleElement().satisfies(state -> {
            assertThat(state.phase()).isEqualTo(Phase.HOLDING);
            assertThat(state.held().orElseThrow().renewal()).isTrue();
            assertThat(state.held().orElseThrow().until()).isAfter(START.plusSeconds(770));
        });
    }

    @Test
    void manyLeasesDriftApart() {
        List<Duration> pauses = new ArrayList<>();
        for (int seed = 0; seed < 20; seed++) {
            pauses.add(new Pauses(new Random(seed)).renewal(Duration.ofMinutes(10)));
        }
        assertThat(pauses)
                .doesNotHaveDuplicates()
                .allSatisfy(pause -> assertThat(pause).isBetween(Duration.ofMinutes(3), Duration.ofSeconds(220)));
    }

    @Test
    void renewsNoOftenerThanEachSecondHoweverShortItsLife() {
        assertThat(new Pauses(new Random(1)).renewal(Duration.ZERO)).isEqualTo(Duration.ofSeconds(1));
        server.answering("OK address=127.0.0.1 services=ssh lifetime=1\n");
        hold(options());
        time.runDue();

        time.advance(Duration.ofSeconds(10));

        assertThat(asked()).hasSizeBetween(5, 11);
    }

    @Test
    void movesTheOpeningInOneStepWhenThisHostsAddressChanges() {
        hold(options().withServices(Set.of("ssh")));
        time.runDue();

        network.moveTo(ELSEWHERE);
        time.advance(Lease.POLL);

        assertThat(server.heard())
                .containsExactly("127.0.0.1 OPEN services=ssh", "127.0.0.2 OPEN services=ssh replaces=127.0.0.1");
        assertThat(events.all()).element(1).isEqualTo("moved IPv4 127.0.0.1 127.0.0.2");
        assertThat(events.all()).element(2).asString().startsWith("held IPv4 127.0.0.2");
    }

    @Test
    void noticesThatThisHostsAddressChangedDuringItsFirstKnock() {
        network.moveDuringTheNextConnectionTo(ELSEWHERE);
        hold(options().withServices(Set.of("ssh")));
        time.runDue();

        time.advance(Lease.POLL);

        assertThat(server.heard())
                .containsExactly("127.0.0.1 OPEN services=ssh", "127.0.0.2 OPEN services=ssh replaces=127.0.0.1");
    }

    @Test
    void movesTheOpeningAtTheNextRenewalWhenOnlyTheDoormanSeesAnotherAddress() {
        hold(options());
        time.runDue();
        server.answering("OK address=198.51.100.9 services=ssh lifetime=600\n");

        time.advance(Duration.ofMinutes(4));

        assertThat(asked()).containsExactly("OPEN", "OPEN replaces=127.0.0.1");
        assertThat(events.all()).contains("moved IPv4 127.0.0.1 198.51.100.9");
    }

    @Test
    void renewsAtOnceWhenTheNetworkIsBack() {
        hold(options());
        time.runDue();
        network.reachable(false);
        time.advance(Duration.ofSeconds(30));
        assertThat(asked()).hasSize(1);

        network.reachable(true);
        time.advance(Lease.POLL);
        assertThat(asked()).hasSize(2);
    }

    @Test
    void renewsAtOnceWhenThisHostHasSlept() {
        hold(options());
        time.runDue();
        time.advance(Duration.ofSeconds(30));
        assertThat(asked()).hasSize(1);

        slept = Duration.ofMinutes(5);
        time.advance(Lease.POLL);

        assertThat(asked()).hasSize(2);
    }

    @Test
    void knowsThatItHoldsNothingMoreAfterALongSleepWithoutANetwork() {
        Lease lease = hold(options());
        time.runDue();
        server.close();
        slept = Duration.ofHours(5);

        time.advance(Lease.POLL);

        assertThat(lease.holding()).isFalse();
        assertThat(events.all()).anyMatch(event -> event.startsWith("lost IPv4 127.0.0.1"));
    }

    @Test
    void survivesARestartOfTheDoorman() {
        Lease lease = hold(options());
        time.runDue();
        int port = server.port();
        server.close();

        time.advance(Duration.ofMinutes(4));
        assertThat(events.all()).element(1).asString().startsWith("unreachable IPv4 UNREACHABLE");
        assertThat(lease.holding()).isTrue();

        server = server(LOOPBACK4, port);
        time.advance(Duration.ofMinutes(1));
        assertThat(asked()).contains("OPEN replaces=127.0.0.1");
        assertThat(lease.state().get(0).trouble()).isEmpty();
        assertThat(events.all()).last().asString().startsWith("held IPv4 127.0.0.1");
    }

    @Test
    void keepsWhatItHoldsWhenSomethingOnTheWayEndsTheHandshake() throws Exception {
        Lease lease = hold(options());
        time.runDue();
        int port = server.port();
        server.close();
        try (ServerSocket filter = new ServerSocket(port, 50, LOOPBACK4)) {
            Thread thread = new Thread(() -> {
                while (!filter.isClosed()) {
                    try (Socket socket = filter.accept()) {
                        // handshake_failure
                        socket.getOutputStream().write(new byte[] {0x15, 3, 3, 0, 2, 2, 40});
                        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        // Closed; the loop sees it.
                    }
                }
            });
            thread.setDaemon(true);
            thread.start();

            time.advance(Duration.ofMinutes(4));
        }
        assertThat(events.all()).element(1).asString().startsWith("refused IPv4 WRONG_SERVER");
        assertThat(lease.holding()).isTrue();
    }

    @Test
    void triesEverMoreSlowlyButBeforeTheEndAndSaysWhenItIsLost() {
        Lease lease = hold(options());
        time.runDue();
        server.answering((client, line) -> Optional.empty());

        time.advance(Duration.ofMinutes(11));

        assertThat(lease.holding()).isFalse();
        assertThat(events.all())
                .filteredOn(event -> event.startsWith("lost"))
                .singleElement()
                .asString()
                .startsWith("lost IPv4 127.0.0.1 because the server at 127.0.0.1 port")
                .contains("ended the connection without an answer");
        int attempts = asked().size();
        assertThat(attempts).isBetween(14, 40);
        time.advance(Duration.ofMinutes(1));
        assertThat(asked().size() - attempts).isBetween(1, 3);

        server.answering(Openme2Server::agree);
        time.advance(Duration.ofMinutes(1));
        assertThat(lease.holding()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Refusal.class)
    void goesOnAfterEachRefusal(Refusal refusal) {
        Lease lease = hold(options());
        server.answering("KO reason=" + refusal.word() + "\n");
        time.runDue();
        assertThat(events.all()).singleElement().asString().startsWith("refused IPv4 REFUSED");

        server.answering(Openme2Server::agree);
        time.advance(Duration.ofMinutes(6));
        assertThat(lease.holding()).isTrue();
    }

    @Test
    void comesBackNoSoonerThanTheDoormanSays() {
        hold(options());
        server.answering("KO reason=rate-limited retry-after=900\n");
        time.runDue();

        network.moveTo(ELSEWHERE);
        time.advance(Duration.ofSeconds(899));
        assertThat(asked()).hasSize(1);
        time.advance(Duration.ofSeconds(91));
        assertThat(asked()).hasSize(2);
    }

    @Test
    void knowsThatItHoldsNothingMoreWhenThePolicyChanged() {
        Lease lease = hold(options());
        time.runDue();
        server.answering("KO reason=not-permitted\n");

        time.advance(Duration.ofMinutes(4));

        assertThat(lease.holding()).isFalse();
        assertThat(events.all()).element(1).asString().startsWith("lost IPv4 127.0.0.1 because the server said KO");
        assertThat(events.all()).element(2).asString().startsWith("refused IPv4 REFUSED");
        assertThat(asked()).hasSize(2);
    }

    @Test
    void keepsWhatItHoldsWhenOnlyTheFirewallHasTrouble() {
        Lease lease = hold(options());
        time.runDue();
        server.answering("KO reason=firewall-failed\n");

        time.advance(Duration.ofMinutes(4));

        assertThat(lease.holding()).isTrue();
        assertThat(asked().size()).isGreaterThan(3);
    }

    @Test
    void holdsAnIpv4AndAnIpv6AddressAtOnce() {
        network.serve(LOOPBACK4, LOOPBACK6);
        try (Openme2Server other = server(LOOPBACK6, server.port())) {
            Lease lease = hold("door.example", options());
            time.runDue();

            assertThat(lease.state()).extracting(LeaseState::phase).containsExactly(Phase.HOLDING, Phase.HOLDING);
            lease.close();
            assertThat(asked()).containsExactly("OPEN", "CLOSE address=127.0.0.1 services=ssh");
            assertThat(other.heard()).containsExactly("::1 OPEN", "::1 CLOSE address=::1 services=ssh");
        }
    }

    @Test
    void oneFamilyThatFailsDoesNotEndTheOther() {
        network.serve(LOOPBACK4, LOOPBACK6);
        Lease lease = hold("door.example", options());

        time.advance(Duration.ofMinutes(20));

        assertThat(lease.state())
                .extracting(LeaseState::family, LeaseState::phase)
                .containsExactly(
                        Tuple.tuple(StandardProtocolFamily.INET, Phase.HOLDING),
                        Tuple.tuple(StandardProtocolFamily.INET6, Phase.FAILING));
        assertThat(events.all())
                .filteredOn(event -> event.contains("IPv6"))
                .isNotEmpty()
                .allMatch(event -> event.startsWith("unreachable IPv6 UNREACHABLE can't connect to ::1 port"));
        assertThat(events.all()).noneMatch(event -> event.startsWith("lost"));
    }

    @Test
    void takesAFamilyUpWhenTheNameGetsAnAddressOfIt() {
        network.serve(LOOPBACK4);
        Lease lease = hold("door.example", options());
        time.runDue();
        assertThat(lease.state().get(1).phase()).isEqualTo(Phase.ABSENT);
        assertThat(events.all()).noneMatch(event -> event.contains("IPv6"));

        try (Openme2Server other = server(LOOPBACK6, server.port())) {
            network.serve(LOOPBACK4, LOOPBACK6);
            time.advance(Duration.ofMinutes(1));
            assertThat(other.heard()).containsExactly("::1 OPEN");
        }
    }

    @Test
    void closesWhatItHoldsAndNothingElse() {
        Lease lease = hold(options().withServices(Set.of("ssh")));
        time.runDue();

        lease.close();
        lease.close();

        assertThat(asked()).containsExactly("OPEN services=ssh", "CLOSE address=127.0.0.1 services=ssh");
        assertThat(events.all()).last().isEqualTo("released IPv4 127.0.0.1 GRANTED");
        assertThat(lease.holding()).isFalse();
        assertThat(lease.state()).singleElement().satisfies(state -> {
            assertThat(state.phase()).isEqualTo(Phase.CLOSED);
            assertThat(state.held()).isEmpty();
        });
        time.advance(Duration.ofHours(1));
        assertThat(asked()).hasSize(2);
    }

    @Test
    void closesNothingWhereItHoldsNothing() {
        server.answering("KO reason=not-permitted\n");
        Lease lease = hold(options());
        time.runDue();

        lease.close();

        assertThat(asked()).containsExactly("OPEN");
        assertThat(events.all()).noneMatch(event -> event.startsWith("released"));
    }

    @Test
    void closesWhatAnAttemptMayHaveOpenedThatWasNeverAnswered() {
        Lease lease = hold(options());
        server.answering(
                (client, line) -> line.startsWith("OPEN") ? Optional.empty() : Openme2Server.agree(client, line));
        time.runDue();

        lease.close();

        assertThat(asked()).containsExactly("OPEN", "CLOSE");
    }

    @Test
    void holdsWithAServerThatSpeaksOnlyTheWrittenProtocol() {
        older();
        Lease lease = hold(options().withLifetime(Duration.ofMinutes(1)).assuming(Duration.ofMinutes(10)));
        time.runDue();

        time.advance(Duration.ofSeconds(221));
        lease.close();

        assertThat(asked()).containsExactly("OPENME", "OPENME", "MEOPEN");
        assertThat(events.all()).first().isEqualTo("held IPv4 ? [] 2026-11-23T12:10:00Z");
    }

    @Test
    void asksAnOlderServerForNoMoreThanItWasToldTo() {
        older();
        hold(options().withLifetime(Duration.ofMinutes(1)));
        hold(options().withServices(Set.of("ssh")).assuming(Duration.ofMinutes(1)));
        time.runDue();

        assertThat(asked()).isEmpty();
        assertThat(events.all()).hasSize(2).allMatch(event -> event.startsWith("refused IPv4 UNSUPPORTED"));
    }

    @Test
    void holdsWithAnOriginalServer() {
        try (OriginalServer original = new OriginalServer(CA, SERVER, LOOPBACK4)) {
            Lease lease = hold(knocker("127.0.0.1", original.port()), options());
            time.runDue();
            assertThat(lease.holding()).isTrue();
            lease.close();
            assertThat(original.heard()).containsExactly("OPENME", "OPEN ME", "MEOPEN");
        }
    }

    @Test
    void aListenerThatFailsChangesNothing() {
        Lease lease = hold(HoldOptions.defaults().withListener(new LeaseListener() {
            @Override
            public void held(Held held) {
                throw new IllegalStateException("for the test");
            }
        }));
        time.advance(Duration.ofMinutes(4));

        assertThat(lease.holding()).isTrue();
        assertThat(asked()).hasSize(2);
    }

    /** As everybody else uses it. */
    @Test
    void runsOnDaemonThreadsOfItsOwn() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        Lease lease = knocker("127.0.0.1", server.port())
                .hold(HoldOptions.defaults().withListener(new LeaseListener() {
                    @Override
                    public void held(Held held) {
                        threads.add(Thread.currentThread());
                    }
                }));

        assertThat(lease.await(Duration.ofSeconds(10))).isTrue();
        lease.close();

        assertThat(threads).allSatisfy(thread -> {
            assertThat(thread.getName()).isEqualTo("openme-lease");
            assertThat(thread.isDaemon()).isTrue();
        });
        assertThat(asked()).containsExactly("OPEN", "CLOSE address=127.0.0.1 services=ssh");
    }

    @Test
    void canBeClosedByItsListenerWhichThenHasWaitedForTheDoorman() throws Exception {
        CompletableFuture<Lease> lease = new CompletableFuture<>();
        CompletableFuture<List<String>> heard = new CompletableFuture<>();
        lease.complete(knocker("127.0.0.1", server.port())
                .hold(HoldOptions.defaults().withListener(new LeaseListener() {
                    @Override
                    public void held(Held held) {
                        lease.join().close();
                        heard.complete(asked());
                    }
                })));

        assertThat(heard.get(10, TimeUnit.SECONDS)).containsExactly("OPEN", "CLOSE address=127.0.0.1 services=ssh");
    }

    @Test
    void refusesToHoldForNoTimeAndWhatCantBeSaid() {
        assertThatThrownBy(() -> HoldOptions.defaults().withLifetime(Duration.ofMillis(999)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> knocker("127.0.0.1", 1).hold(options().withServices(Set.of("a b"))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** What was asked for, without the address that it came from. */
    private List<String> asked() {
        return server.heard().stream()
                .map(line -> line.substring(line.indexOf(' ') + 1))
                .toList();
    }

    private HoldOptions options() {
        return HoldOptions.defaults().withListener(events);
    }

    private Lease hold(HoldOptions options) {
        return hold("127.0.0.1", options);
    }

    private Lease hold(String host, HoldOptions options) {
        return hold(knocker(host, server.port()), options);
    }

    private Lease hold(Knocker knocker, HoldOptions options) {
        InstantSource wall = () -> time.now().plus(slept);
        Lease lease =
                Lease.start(knocker, options, new LeaseParts(time, family -> new SameThread(), wall, new Random(1)));
        leases.add(lease);
        return lease;
    }

    private Knocker knocker(String host, int port) {
        return Knocker.builder()
                .identity(Identity.of(ALICE.key(), ALICE.chain()))
                .trust(Trust.of(CA.certificate()))
                .server(host, port)
                .clock(time.clock())
                .route(network)
                .build();
    }

    private void older() {
        server.close();
        server = new Openme2Server(CA, SERVER, LOOPBACK4, 0, "openme/1");
    }

    private static Openme2Server server(InetAddress address, int port) {
        return new Openme2Server(CA, SERVER, address, port, "openme/2", "openme/1");
    }

    private static InetAddress ip(String text) {
        return IpLiteral.parse(text).orElseThrow();
    }
}
