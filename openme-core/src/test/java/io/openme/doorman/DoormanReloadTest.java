package io.openme.doorman;

import static io.openme.doorman.Clients.address;
import static io.openme.doorman.Clients.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.openme.doorman.AccessPolicy.Decision;
import io.openme.firewall.InProcessFirewall;
import io.openme.knocker.KnockResult.Status;
import io.openme.knocker.Knocker;
import io.openme.protocol.Command;
import io.openme.protocol.Refusal;
import io.openme.protocol.Reply;
import io.openme.protocol.Request;
import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.Opening;
import io.openme.spi.OpenmeException;
import io.openme.testkit.ManualTime;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.CredentialException;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoormanReloadTest {
    private static final String HOME = "203.0.113.7";
    private static final AccessPolicy EVERYTHING = AccessPolicy.everyService(Duration.ofHours(1));

    @TempDir
    private Path directory;

    private final TestCa ca = TestCa.create();
    private final Clients clients = new Clients(ca);
    private final TestCertificate aliceFiles = ca.client("alice").issue();
    private final TestCertificate bobFiles = ca.client("bob").issue();
    private final Client alice = Client.of(aliceFiles.certificate());
    private final Client bob = Client.of(bobFiles.certificate());
    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
    private final List<Doorman> started = new ArrayList<>();

    @AfterEach
    void close() {
        started.forEach(Doorman::close);
    }

    @Test
    void aClientThatIsRevokedWhileItHoldsLosesItAndNobodyElseDoes() throws Exception {
        Path crl = ca.crl().number(1).writeTo(directory);
        Doorman doorman = watching(() -> clients.trust().withCrl(crl), crl);
        say(doorman, alice, HOME, "OPEN");
        say(doorman, bob, HOME, "OPEN services=web");
        say(doorman, bob, "198.51.100.23", "OPEN services=ssh");

        swapIn(crl, ca.crl().number(2).revoke(aliceFiles).pem());

        await().until(() -> !clients.firewall.admits(address(HOME), "ssh"));
        assertThat(clients.firewall.openings())
                .containsExactlyInAnyOrder(
                        new Opening(address(HOME), "web"), new Opening(address("198.51.100.23"), "ssh"));
        await().until(() -> heard.contains("reloaded 2"));
        assertThat(heard).contains("revoked ssh of alice", "revoked web of alice");
        assertThat(knock(doorman, aliceFiles)).isEqualTo(Status.NOT_AUTHENTICATED);
        assertThat(knock(doorman, bobFiles)).isEqualTo(Status.GRANTED);
    }

    @Test
    void aServiceThatThePolicyTakesAwayIsClosedAndALifetimeThatItCutsIsCut() throws Exception {
        AtomicReference<AccessPolicy> policy = new AtomicReference<>(EVERYTHING);
        Doorman doorman = started(clients.doorman(EVERYTHING)
                .admission(Admission.Source.of(
                        () -> new Admission(clients.identity(), clients.trust(), Objects.requireNonNull(policy.get())),
                        List.of())));
        say(doorman, alice, HOME, "OPEN");
        say(doorman, bob, HOME, "OPEN services=web");

        policy.set(
                (client, request) -> client.equals(alice) && request.services().contains("web")
                        ? new Decision.Refused("no web for alice")
                        : new Decision.Granted(request.services(), Duration.ofMinutes(5)));
        assertThat(doorman.reload()).isEqualTo(1);

        assertThat(heard).contains("revoked web of alice");
        Reply.Listed left = (Reply.Listed) say(doorman, alice, HOME, "STATUS");
        assertThat(left.held()).extracting(Reply.Held::service).containsExactly("ssh");
        assertThat(left.held().get(0).remaining()).isLessThanOrEqualTo(Duration.ofMinutes(5));
        assertThat(clients.firewall.admits(address(HOME), "web"))
                .as("bob's stays")
                .isTrue();
    }

    @Test
    void rollsOverToAnotherCa() throws Exception {
        TestCa next = TestCa.create();
        TestCertificate carol = next.client("carol").issue();
        TestCertificate nextServer = next.server("127.0.0.1").issue();
        Doorman doorman = started(clients.doorman(EVERYTHING));
        assertThat(knock(doorman, carol)).isEqualTo(Status.NOT_AUTHENTICATED);

        doorman.reload(new Admission(clients.identity(), Trust.of(ca.certificate(), next.certificate()), EVERYTHING));
        assertThat(knock(doorman, aliceFiles)).isEqualTo(Status.GRANTED);
        assertThat(knock(doorman, carol)).isEqualTo(Status.GRANTED);

        Identity identity = Identity.of(nextServer.key(), nextServer.chain());
        int revoked = doorman.reload(new Admission(identity, Trust.of(next.certificate()), EVERYTHING));
        assertThat(revoked).as("ssh and web of alice").isEqualTo(2);
        assertThat(knocker(doorman, aliceFiles, Trust.of(next.certificate()))
                        .open()
                        .status())
                .isEqualTo(Status.NOT_AUTHENTICATED);
        assertThat(knocker(doorman, carol, Trust.of(next.certificate())).open().status())
                .isEqualTo(Status.GRANTED);
    }

    @Test
    void aListThatBecameTooOldLetsNobodyInButClosesNothing() throws Exception {
        Instant now = Instant.parse("2026-11-23T08:00:00Z");
        ManualTime time = new ManualTime(now);
        TestCa old = TestCa.at(now);
        Clients here = new Clients(old);
        TestCertificate revoked = old.client("revoked").issue();
        TestCertificate good = old.client("good").issue();
        Path crl = old.crl()
                .number(1)
                .revoke(revoked)
                .valid(now.minusSeconds(60), now.plusSeconds(600))
                .writeTo(directory);
        Trust strict = here.trust().withCrl(crl);
        Trust lenient = here.trust().withCrl(crl, Duration.ofMinutes(10));
        Doorman doorman = started(here.doorman(EVERYTHING).trust(strict).clock(time.clock()));
        assertThat(doorman.health().problems()).isEmpty();
        assertThat(knock(doorman, good, here, time)).isEqualTo(Status.GRANTED);

        time.advance(Duration.ofSeconds(500));
        assertThat(doorman.health().problems())
                .singleElement()
                .asString()
                .contains("revocation list", "ends at 2026-11-23T08:10:00Z");
        time.advance(Duration.ofSeconds(101));
        assertThat(knock(doorman, good, here, time)).isEqualTo(Status.NOT_AUTHENTICATED);
        assertThat(doorman.reload(new Admission(here.identity(), strict, EVERYTHING)))
                .isZero();
        assertThat(here.firewall.admits(address("127.0.0.1"), "ssh")).isTrue();

        doorman.reload(new Admission(here.identity(), lenient, EVERYTHING));
        assertThat(knock(doorman, good, here, time)).isEqualTo(Status.GRANTED);
        assertThat(knock(doorman, revoked, here, time)).isEqualTo(Status.NOT_AUTHENTICATED);
        time.advance(Duration.ofMinutes(10));
        assertThat(knock(doorman, good, here, time)).isEqualTo(Status.NOT_AUTHENTICATED);
    }

    @Test
    void aBrokenListThatIsSwappedInUnderLoadChangesNothingAndIsLoud() throws Exception {
        Path crl = ca.crl().number(5).writeTo(directory);
        Doorman doorman = watching(() -> clients.trust().withCrl(crl), crl);
        AtomicInteger knocks = new AtomicInteger();
        AtomicReference<Status> failed = new AtomicReference<>();
        CountDownLatch stop = new CountDownLatch(1);
        Thread load = new Thread(() -> {
            while (stop.getCount() > 0) {
                Status status = knock(doorman, aliceFiles);
                knocks.incrementAndGet();
                if (status != Status.GRANTED) {
                    failed.compareAndSet(null, status);
                }
            }
        });
        load.start();

        List<String> broken = List.of(
                "",
                "-----BEGIN X509 CRL-----\nnonsense\n-----END X509 CRL-----\n",
                TestCa.create().crl().number(6).pem(),
                ca.crl().number(4).pem());
        for (String content : broken) {
            heard.clear();
            swapIn(crl, content);
            await().until(() -> heard.stream().anyMatch(e -> e.startsWith("not reloaded")));
            assertThat(doorman.health().reloadFailed()).isPresent();
            assertThat(doorman.health().serving()).isTrue();
        }
        Files.delete(crl);
        await().until(() -> doorman.health().reloadFailed().orElse("").contains("crl"));
        int before = knocks.get();
        await().until(() -> knocks.get() > before + 3);
        stop.countDown();
        load.join(20_000);
        assertThat(failed.get()).isNull();
        assertThat(clients.firewall.admits(address("127.0.0.1"), "ssh")).isTrue();

        swapIn(crl, ca.crl().number(6).revoke(aliceFiles).pem());
        await().until(() -> doorman.health().reloadFailed().isEmpty());
        await().until(() -> clients.firewall.openings().isEmpty());
    }

    @Test
    void anEarlierRevocationListIsRefused() {
        Path newer = write("newer", ca.crl().number(7).revoke(aliceFiles).pem());
        Path older = write("older", ca.crl().number(6).pem());
        Doorman doorman =
                started(clients.doorman(EVERYTHING).trust(clients.trust().withCrl(newer)));

        assertThatThrownBy(() -> doorman.reload(
                        new Admission(clients.identity(), clients.trust().withCrl(older), EVERYTHING)))
                .isInstanceOf(CredentialException.class)
                .hasMessageContaining("number 6")
                .hasMessageContaining("number 7");
        assertThat(knock(doorman, aliceFiles)).isEqualTo(Status.NOT_AUTHENTICATED);
    }

    @Test
    void aListWithoutANumberDoesNotFollowOneThatHasOneWhateverItsDate() {
        Instant now = Instant.now();
        Path numbered = write(
                "numbered",
                ca.crl()
                        .number(1)
                        .valid(now.minusSeconds(7200), now.plusSeconds(7200))
                        .pem());
        Path bare = write(
                "bare",
                ca.crl()
                        .unnumbered()
                        .valid(now.minusSeconds(60), now.plusSeconds(7200))
                        .pem());
        Trust ofOpenme = clients.trust().withCrl(numbered);
        Trust ofEasyRsa = clients.trust().withCrl(bare);

        assertThatThrownBy(() -> ofEasyRsa.requireNotBefore(ofOpenme)).isInstanceOf(CredentialException.class);
        ofOpenme.requireNotBefore(ofEasyRsa);
        ofEasyRsa.requireNotBefore(ofEasyRsa);
    }

    @Test
    void aCertificateOfItsOwnThatHasExpiredIsRefused() {
        TestCertificate expired = ca.server("127.0.0.1").expired().issue();
        Doorman doorman = started(clients.doorman(EVERYTHING));

        assertThatThrownBy(() -> doorman.reload(
                        new Admission(Identity.of(expired.key(), expired.chain()), clients.trust(), EVERYTHING)))
                .isInstanceOf(OpenmeException.class)
                .hasMessageContaining("expired at");
        assertThat(knock(doorman, aliceFiles)).isEqualTo(Status.GRANTED);
    }

    @Test
    void whoWasLetInBeforeAReloadButAsksAfterItIsCheckedAgain() throws Exception {
        AtomicReference<Trust> trust = new AtomicReference<>(clients.trust());
        CountDownLatch connected = new CountDownLatch(1);
        CountDownLatch reloaded = new CountDownLatch(1);
        Doorman doorman = started(clients.doorman(EVERYTHING)
                .admission(Admission.Source.of(
                        () -> new Admission(clients.identity(), Objects.requireNonNull(trust.get()), EVERYTHING),
                        List.of()))
                .listener(new DoormanListener() {
                    @Override
                    public void connected(Connected event) {
                        connected.countDown();
                        // Between the handshake and the command.
                        await().until(() -> reloaded.getCount() == 0);
                    }
                }));

        CompletableFuture<Status> knock = CompletableFuture.supplyAsync(() -> knock(doorman, aliceFiles));
        assertThat(connected.await(20, TimeUnit.SECONDS)).isTrue();
        trust.set(clients.trust().withCrl(ca.crl().revoke(aliceFiles).writeTo(directory)));
        doorman.reload();
        reloaded.countDown();

        assertThat(knock.get(20, TimeUnit.SECONDS)).isEqualTo(Status.REFUSED);
        assertThat(clients.firewall.openings()).isEmpty();
    }

    @Test
    void whatTheFirewallWasCommittingDuringAReloadIsTakenBack() throws Exception {
        Gate gate = new Gate(clients.firewall);
        Doorman doorman = started(clients.doorman(EVERYTHING).firewall(gate));
        gate.shut();
        Future<Reply> bobs = ask(doorman, bob, 1, "OPEN services=ssh");
        gate.awaitSomebody();
        Trust without = clients.trust().withCrl(ca.crl().revoke(bobFiles).writeTo(directory));
        CompletableFuture<Integer> reload = CompletableFuture.supplyAsync(() -> doorman.reload(new Admission(
                clients.identity(),
                without,
                (client, request) -> client.equals(bob)
                        ? new Decision.Refused("not bob")
                        : new Decision.Granted(request.services(), Duration.ofHours(1)))));
        await().until(() -> isRefused(doorman, bob));
        gate.open();

        assertThat(bobs.get(20, TimeUnit.SECONDS).ok()).isTrue();
        assertThat(reload.get(20, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(clients.firewall.openings()).isEmpty();
    }

    /** Without waiting for the firewall, which may not answer at present. */
    private static boolean isRefused(Doorman doorman, Client client) {
        return doorman.handle(client, address(HOME), Request.of(Command.open()))
                .thenApply(reply -> !reply.ok())
                .toCompletableFuture()
                .getNow(false);
    }

    /** Of 1,000 knocks that wait for the firewall while everything is reloaded, those pass that should, and no other. */
    @Test
    void knocksInFlightAreDecidedByWhatIsInForceWhenTheyTakeEffect() throws Exception {
        Gate gate = new Gate(clients.firewall);
        Path crl = write("crl", ca.crl().number(1).pem());
        AtomicReference<AccessPolicy> policy = new AtomicReference<>(EVERYTHING);
        Doorman doorman = started(clients.doorman(EVERYTHING)
                .firewall(gate)
                .admission(Admission.Source.of(
                        () -> new Admission(
                                clients.identity(), clients.trust().withCrl(crl), Objects.requireNonNull(policy.get())),
                        List.of())));
        gate.shut();
        say(doorman, alice, HOME, "STATUS");
        Map<String, Future<Reply>> knocks = new HashMap<>();
        for (int i = 0; i < 500; i++) {
            knocks.put("alice" + i, ask(doorman, alice, i % 100, "OPEN services=" + (i % 2 == 0 ? "ssh" : "web")));
            knocks.put("bob" + i, ask(doorman, bob, i % 100, "OPEN services=ssh"));
        }
        ExecutorService reloading = Executors.newSingleThreadExecutor();
        Future<?> reloads = reloading.submit(() -> {
            for (int i = 2; i <= 101; i++) {
                write("crl", ca.crl().number(i).revoke(bobFiles).pem());
                policy.set((client, request) ->
                        client.equals(bob) || request.services().contains("web")
                                ? new Decision.Refused("not bob, and no web any more")
                                : new Decision.Granted(request.services(), Duration.ofHours(1)));
                doorman.reload();
            }
        });
        await().until(() -> isRefused(doorman, bob));
        gate.open();
        reloads.get(60, TimeUnit.SECONDS);
        reloading.shutdown();

        for (int i = 0; i < 500; i++) {
            Reply alices = Objects.requireNonNull(knocks.get("alice" + i)).get(20, TimeUnit.SECONDS);
            if (i % 2 == 0) {
                assertThat(alices.ok()).as("alice %s: %s", i, alices).isTrue();
            }
        }
        assertThat(clients.firewall.openings())
                .hasSize(50)
                .allMatch(o -> o.service().equals("ssh"));
        for (Future<Reply> each : knocks.values()) {
            assertThat(each).isDone();
        }
        assertThat(doorman.health().grants()).as("none of bob's").isEqualTo(50);
        assertThat(say(doorman, bob, HOME, "STATUS")).isEqualTo(new Reply.Refused(Refusal.NOT_TRUSTED));
    }

    /** The same with real connections: 1,000 knocks of three clients while everything is reloaded 100 times. */
    @Test
    void noKnockFailsThatShouldNotAndNonePassesThatShouldNotWhileEverythingIsReloaded() throws Exception {
        TestCertificate mallory = ca.client("mallory").issue();
        TestCertificate second = ca.server("127.0.0.1").issue();
        TestCa other = TestCa.create();
        AtomicInteger turn = new AtomicInteger();
        Doorman doorman = started(clients.doorman(EVERYTHING)
                .admission(Admission.Source.of(
                        () -> {
                            int now = turn.incrementAndGet();
                            Path crl = write(
                                    "crl", ca.crl().number(now).revoke(mallory).pem());
                            TestCertificate server = now % 2 == 0 ? clients.server : second;
                            Trust trust = now % 3 == 0
                                    ? Trust.of(ca.certificate(), other.certificate())
                                            .withCrl(write(
                                                    "both",
                                                    ca.crl()
                                                                    .number(now)
                                                                    .revoke(mallory)
                                                                    .pem()
                                                            + other.crl()
                                                                    .number(now)
                                                                    .pem()))
                                    : clients.trust().withCrl(crl);
                            return new Admission(
                                    Identity.of(server.key(), server.chain()),
                                    trust,
                                    (client, request) -> client.equals(bob)
                                            ? new Decision.Refused("not bob, in any policy")
                                            : new Decision.Granted(
                                                    request.services(), Duration.ofMinutes(1L + now % 5)));
                        },
                        List.of())));
        Map<String, AtomicInteger> outcomes = new ConcurrentHashMap<>();
        ExecutorService pool = Executors.newFixedThreadPool(32);
        List<TestCertificate> who = List.of(aliceFiles, bobFiles, mallory, aliceFiles);
        List<? extends Future<?>> knocks = IntStream.range(0, 1000)
                .mapToObj(i -> pool.submit(() -> {
                    TestCertificate client = who.get(i % who.size());
                    Status status =
                            knocker(doorman, client, clients.trust()).open().status();
                    outcomes.computeIfAbsent(client.name() + " " + status, k -> new AtomicInteger())
                            .incrementAndGet();
                }))
                .toList();
        int reloads = 0;
        while (reloads < 100 || !knocks.stream().allMatch(Future::isDone)) {
            doorman.reload();
            reloads++;
        }
        pool.shutdown();

        assertThat(outcomes.keySet())
                .containsExactlyInAnyOrder("alice GRANTED", "bob REFUSED", "mallory NOT_AUTHENTICATED");
        assertThat(outcomes.values().stream().mapToInt(AtomicInteger::get).sum())
                .isEqualTo(1000);
    }

    @Test
    void aClientThatWasRevokedIsRefusedByTheSeamToo() throws Exception {
        Doorman doorman = started(clients.doorman(EVERYTHING));
        assertThat(say(doorman, alice, HOME, "OPEN").ok()).isTrue();
        Trust without = clients.trust().withCrl(ca.crl().revoke(aliceFiles).writeTo(directory));

        assertThat(doorman.reload(new Admission(clients.identity(), without, EVERYTHING)))
                .isEqualTo(2);

        assertThat(say(doorman, alice, HOME, "OPEN")).isEqualTo(new Reply.Refused(Refusal.NOT_TRUSTED));
        assertThat(clients.firewall.openings()).isEmpty();
    }

    @Test
    void aRestartCutsWhatAReloadWouldCut() throws Exception {
        Path state = directory.resolve("state");
        AccessPolicy day = AccessPolicy.everyService(Duration.ofHours(24));
        started(clients.doorman(day).stateDirectory(state));
        say(started.get(0), alice, HOME, "OPEN services=ssh");
        say(started.get(0), bob, HOME, "OPEN services=web");
        started.get(0).close();

        Doorman again = started(clients.doorman((client, request) -> client.equals(bob)
                        ? new Decision.Refused("not bob")
                        : new Decision.Granted(request.services(), Duration.ofMinutes(10)))
                .firewall(new InProcessFirewall())
                .stateDirectory(state));

        Reply.Listed left = (Reply.Listed) say(again, alice, HOME, "STATUS");
        assertThat(left.held())
                .singleElement()
                .satisfies(
                        held -> assertThat(held.remaining()).isBetween(Duration.ofMinutes(9), Duration.ofMinutes(10)));
        assertThat(((Reply.Listed) say(again, bob, HOME, "STATUS")).held()).isEmpty();
        again.close();
        Doorman third =
                started(clients.doorman(day).firewall(new InProcessFirewall()).stateDirectory(state));
        assertThat(((Reply.Listed) say(third, alice, HOME, "STATUS")).held())
                .as("and it stays so")
                .singleElement()
                .satisfies(held -> assertThat(held.remaining()).isLessThanOrEqualTo(Duration.ofMinutes(10)));
    }

    @Test
    void aPolicyThatFailsForOneClientKeepsNobodyElseFromBeingRevoked() throws Exception {
        Doorman doorman = started(clients.doorman(EVERYTHING));
        say(doorman, alice, HOME, "OPEN services=ssh");
        say(doorman, bob, HOME, "OPEN services=web");

        int revoked = doorman.reload(new Admission(clients.identity(), clients.trust(), (client, request) -> {
            if (client.equals(alice)) {
                throw new StackOverflowError();
            }
            return new Decision.Refused("not bob");
        }));

        assertThat(revoked).isEqualTo(2);
        assertThat(clients.firewall.openings()).isEmpty();
    }

    @Test
    void isNotReloadedByItsOwnListeners() throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<Doorman> running = new AtomicReference<>();
        Path crl = ca.crl().number(2).writeTo(directory);
        Doorman doorman = started(clients.doorman(EVERYTHING)
                .admission(Admission.Source.of(
                        () -> new Admission(clients.identity(), clients.trust().withCrl(crl), EVERYTHING),
                        List.of(crl)))
                .listener(new DoormanListener() {
                    @Override
                    public void reloadFailed(ReloadFailed event) {
                        try {
                            Objects.requireNonNull(running.get()).reload();
                        } catch (IllegalStateException e) {
                            thrown.set(e);
                        }
                    }
                }));
        running.set(doorman);
        swapIn(crl, ca.crl().number(1).pem());
        await().until(() -> thrown.get() != null);
    }

    @Test
    void aStopHalfWayThroughAReloadIsNoFailure() throws Exception {
        Gate gate = new Gate(clients.firewall);
        Doorman doorman = started(clients.doorman(EVERYTHING).firewall(gate));
        gate.shut();
        Future<Reply> knock = ask(doorman, alice, 1, "OPEN");
        gate.awaitSomebody();
        AtomicReference<RuntimeException> ended = new AtomicReference<>();
        Thread reloading = new Thread(() -> {
            try {
                doorman.reload();
            } catch (RuntimeException e) {
                ended.set(e);
            }
        });
        reloading.start();
        // Behind the knock that the firewall does not take yet.
        await().until(() -> reloading.getState() == Thread.State.TIMED_WAITING);

        Thread closing = new Thread(doorman::close);
        closing.start();
        reloading.join();
        gate.open();
        closing.join();

        assertThat(ended.get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed while it reloaded");
        assertThat(heard).noneMatch(event -> event.startsWith("not reloaded"));
        assertThat(doorman.health().reloadFailed()).isEmpty();
        assertThat(knock.get(20, TimeUnit.SECONDS).ok()).isTrue();
    }

    @Test
    void reloadsOnlyWhileItRuns() {
        Doorman doorman = clients.doorman(EVERYTHING).build();
        assertThatThrownBy(doorman::reload).isInstanceOf(IllegalStateException.class);
        started(clients.doorman(EVERYTHING)).close();
    }

    private static Future<Reply> ask(Doorman doorman, Client client, int number, String line) throws Exception {
        return doorman.handle(client, address("192.0.2." + (1 + number)), Request.parse(line))
                .toCompletableFuture();
    }

    private Doorman watching(Supplier<Trust> trust, Path file) {
        return started(clients.doorman(EVERYTHING)
                .admission(Admission.Source.of(
                        () -> new Admission(clients.identity(), trust.get(), EVERYTHING), List.of(file))));
    }

    private Doorman started(DoormanBuilder builder) {
        // Knocks go on without a pause while it reloads.
        Doorman doorman = builder.noRatePerClient()
                .listener(new DoormanListener() {
                    @Override
                    public void revoked(Revoked event) {
                        heard.add("revoked " + event.service() + " of "
                                + event.client().name());
                    }

                    @Override
                    public void reloaded(Reloaded event) {
                        heard.add("reloaded " + event.revoked());
                    }

                    @Override
                    public void reloadFailed(ReloadFailed event) {
                        heard.add("not reloaded: " + event.reason());
                    }
                })
                .build();
        started.add(doorman);
        doorman.start();
        return doorman;
    }

    private Status knock(Doorman doorman, TestCertificate who) {
        return knocker(doorman, who, clients.trust()).open().status();
    }

    private static Status knock(Doorman doorman, TestCertificate who, Clients where, ManualTime time) {
        return Knocker.builder()
                .identity(Identity.of(who.key(), who.chain()))
                .trust(where.trust())
                .server("127.0.0.1", doorman.port())
                .clock(time.clock())
                .build()
                .open()
                .status();
    }

    private static Knocker knocker(Doorman doorman, TestCertificate who, Trust trust) {
        return Knocker.builder()
                .identity(Identity.of(who.key(), who.chain()))
                .trust(trust)
                .server("127.0.0.1", doorman.port())
                .timeout(Duration.ofSeconds(30))
                .build();
    }

    private Path write(String name, String content) {
        try {
            return Files.writeString(directory.resolve(name), content);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void swapIn(Path file, String content) throws IOException {
        Path fresh = write("fresh", content);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** A firewall that can be made to wait. */
    private static final class Gate implements Firewall {
        private final Firewall inner;
        private final AtomicInteger waiting = new AtomicInteger();
        private volatile CountDownLatch latch = new CountDownLatch(0);

        Gate(Firewall inner) {
            this.inner = inner;
        }

        void shut() {
            waiting.set(0);
            latch = new CountDownLatch(1);
        }

        void open() {
            latch.countDown();
        }

        void awaitSomebody() {
            await().until(() -> waiting.get() > 0);
        }

        private void pass() {
            waiting.incrementAndGet();
            try {
                assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public Set<Capability> capabilities() {
            return inner.capabilities();
        }

        @Override
        public void install(List<Change.Open> openings) {
            pass();
            inner.install(openings);
        }

        @Override
        public void apply(List<? extends Change> changes) {
            pass();
            inner.apply(changes);
        }

        @Override
        public Set<Opening> openings() {
            return inner.openings();
        }

        @Override
        public String preview(List<Change.Open> openings) {
            return inner.preview(openings);
        }

        @Override
        public boolean intact() {
            return inner.intact();
        }

        @Override
        public void uninstall() {
            inner.uninstall();
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
