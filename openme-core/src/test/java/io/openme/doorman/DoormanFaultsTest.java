package io.openme.doorman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openme.doorman.AccessPolicy.Decision;
import io.openme.firewall.InProcessFirewall;
import io.openme.knocker.KnockResult.Status;
import io.openme.knocker.Knocker;
import io.openme.protocol.Command;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Refusal;
import io.openme.protocol.Reply;
import io.openme.protocol.Request;
import io.openme.spi.Firewall;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a doorman when what surrounds it runs out of memory, or never returns. */
@Timeout(60)
class DoormanFaultsTest {
    private static final TestCa CA = TestCa.create();
    private static final TestCertificate SERVER =
            CA.server("gate.example.org", "127.0.0.1").issue();
    private static final TestCertificate ALICE = CA.client("alice").issue();
    private static final InetAddress LOOPBACK = IpLiteral.parse("127.0.0.1").orElseThrow();
    /** Longer than a first handshake takes on a busy machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final InProcessFirewall inner = new InProcessFirewall();
    /** Places that fail, and how often. */
    private final Map<String, Integer> failures = new ConcurrentHashMap<>();

    /** Places that do not return before this is open. */
    private final Map<String, CountDownLatch> hangs = new ConcurrentHashMap<>();

    private volatile Duration lifetime = Duration.ofMinutes(1);
    private final List<String> failed = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> toClose = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        hangs.values().forEach(CountDownLatch::countDown);
        for (AutoCloseable each : toClose) {
            each.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "listener.connected",
                "listener.opened",
                "metrics.handshake",
                "metrics.answered",
                "metrics.applied",
                "policy",
                "firewall.apply",
                "firewall.intact",
                "files",
                "reload"
            })
    void servesOnWhereverMemoryRunsOutForAMoment(String place) {
        Doorman doorman = started(builder());
        failures.put(place, 3);
        if (place.equals("reload")) {
            await().until(() -> {
                try {
                    doorman.reload();
                    return false;
                } catch (OutOfMemoryError e) {
                    return failures.isEmpty();
                }
            });
        }
        await().until(() -> {
            Status status = knock(doorman);
            return failures.isEmpty() && status == Status.GRANTED;
        });

        await().until(() -> doorman.health().serving());
        assertThat(inner.admits(LOOPBACK, "ssh")).isTrue();
        doorman.reload();
        assertThat(doorman.health().problems()).isEmpty();
        assertThat(failed).isEmpty();
    }

    @Test
    void aWorkerThatDoesNotComeBackEndsTheDoormanLoudlyAndNobodyIsLeftWaiting() throws Exception {
        hangs.put("listener.connected", new CountDownLatch(1));
        Doorman doorman = started(builder().patience(PATIENCE));
        int port = doorman.port();
        Thread victim = new Thread(() -> knock(port));
        victim.start();
        await().until(() -> !failed.isEmpty());

        assertThat(failed).singleElement().asString().startsWith("the thread openme-worker-");
        assertThat(doorman.health().alive()).isFalse();
        assertThat(doorman.health().serving()).isFalse();
        await().until(() -> knock(port) == Status.UNREACHABLE);
        victim.join();
        assertThat(doorman.handle(Client.of(ALICE.certificate()), LOOPBACK, Request.of(Command.open()))
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        Reply.Refused.class, reply -> assertThat(reply.reason()).isEqualTo(Refusal.BUSY));
        assertThat(inner.openings()).isEmpty();
        doorman.close();
        assertThat(failed).hasSize(1);
    }

    @Test
    void aFirewallThatDoesNotAnswerEndsTheDoormanLoudlyAndNothingIsOpen() {
        Doorman doorman = started(builder().patience(PATIENCE));
        int port = doorman.port();
        hangs.put("firewall.apply", new CountDownLatch(1));
        Thread victim = new Thread(() -> knock(port));
        victim.start();
        await().until(() -> !failed.isEmpty());

        assertThat(failed).singleElement().asString().startsWith("the thread openme-firewall ");
        await().until(() -> knock(port) == Status.UNREACHABLE);
        assertThat(inner.openings()).isEmpty();
    }

    @Test
    void filesThatCanNotBeReadToTheEndEndTheDoormanLoudly() {
        Doorman doorman = started(builder().patience(PATIENCE));
        hangs.put("files", new CountDownLatch(1));
        await().until(() -> !failed.isEmpty());

        assertThat(failed).singleElement().asString().startsWith("the thread openme-reload ");
        assertThat(doorman.health().alive()).isFalse();
    }

    @Test
    void whoHearsOfTheFailureMayCloseTheDoorman() {
        CountDownLatch closed = new CountDownLatch(1);
        Doorman[] doorman = new Doorman[1];
        doorman[0] = started(builder().patience(PATIENCE).listener(new DoormanListener() {
            @Override
            public void failed(Failed event) {
                doorman[0].close();
                closed.countDown();
            }
        }));
        hangs.put("files", new CountDownLatch(1));

        await().until(() -> closed.getCount() == 0);
        assertThat(doorman[0].health().listening()).isFalse();
    }

    @Test
    void healthTellsOfAnAuditLogThatIsNotWrittenWhileKnocksAreServed() {
        Doorman doorman = started(builder().listener(new DoormanListener() {
            @Override
            public Optional<String> problem() {
                return Optional.of("the disk is full");
            }
        }));
        assertThat(knock(doorman)).isEqualTo(Status.GRANTED);

        assertThat(doorman.health().problems()).containsExactly("the disk is full");
        assertThat(doorman.health().serving()).isTrue();
    }

    @Test
    void aDateThatJumpsBothWaysKeepsClientsOutButNeitherProlongsNorEndsWhatIsOpen() {
        AtomicReference<Duration> off = new AtomicReference<>(Duration.ZERO);
        InstantSource now = () -> Instant.now().plus(off.get());
        DoormanSettings ours = builder().settings();
        Doorman doorman = new Doorman(new DoormanSettings(
                ours.admission(),
                ours.source(),
                ours.watch(),
                ours.addresses(),
                ours.listenLimit(),
                ours.context(),
                ours.firewall(),
                ours.grantsPerClient(),
                ours.ratePerClient(),
                ours.tls12(),
                ours.watchInterval(),
                ours.patience(),
                ours.stateDirectory(),
                now.withZone(ZoneOffset.UTC),
                ours.grants(),
                ours.listeners(),
                ours.metrics()));
        toClose.add(doorman);
        lifetime = Duration.ofSeconds(2);
        doorman.start();
        long knocked = System.nanoTime();
        assertThat(knock(doorman)).isEqualTo(Status.GRANTED);

        for (Duration jump : List.of(Duration.ofDays(3650), Duration.ofDays(-3650))) {
            off.set(jump);
            assertThat(knock(doorman)).isEqualTo(Status.NOT_AUTHENTICATED);
            assertThat(doorman.health().serving()).isTrue();
        }
        await().until(() -> doorman.health().grants() == 0);
        assertThat(inner.openings()).isEmpty();
        assertThat(Duration.ofNanos(System.nanoTime() - knocked)).isGreaterThanOrEqualTo(lifetime);
        off.set(Duration.ZERO);
        assertThat(knock(doorman)).isEqualTo(Status.GRANTED);
        assertThat(failed).isEmpty();
    }

    private void at(String place) {
        CountDownLatch hang = hangs.get(place);
        if (hang != null) {
            try {
                hang.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (failures.containsKey(place)) {
            failures.computeIfPresent(place, (p, times) -> times == 1 ? null : times - 1);
            throw new OutOfMemoryError("made up at " + place);
        }
    }

    private DoormanBuilder builder() {
        Admission admission = new Admission(identity(SERVER), Trust.of(CA.certificate()), (client, request) -> {
            at("policy");
            return new Decision.Granted(request.services(), lifetime);
        });
        return Doorman.builder()
                .admission(new Admission.Source() {
                    @Override
                    public Admission read() {
                        at("reload");
                        return admission;
                    }

                    @Override
                    public List<Path> files() {
                        at("files");
                        return List.of(Path.of("/nonexistent"));
                    }
                })
                .listen(new InetSocketAddress(LOOPBACK, 0))
                .service("ssh", "22/tcp")
                .firewall(firewall())
                .patience(Duration.ofMinutes(1))
                .watchInterval(Duration.ofMillis(50))
                .listener(new DoormanListener() {
                    @Override
                    public void connected(Connected event) {
                        at("listener.connected");
                    }

                    @Override
                    public void opened(Opened event) {
                        at("listener.opened");
                    }

                    @Override
                    public void renewed(Renewed event) {
                        at("listener.opened");
                    }

                    @Override
                    public void failed(Failed event) {
                        failed.add(event.reason());
                    }
                })
                .metrics(new DoormanMetrics() {
                    @Override
                    public void handshake(boolean accepted, Duration took) {
                        at("metrics.handshake");
                    }

                    @Override
                    public void answered(String command, String outcome, Duration took) {
                        at("metrics.answered");
                    }

                    @Override
                    public void applied(int changes, boolean worked, Duration took) {
                        at("metrics.applied");
                    }
                });
    }

    /** The in-process firewall, which fails and hangs on request. */
    private Firewall firewall() {
        return (Firewall) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Firewall.class}, (proxy, method, arguments) -> {
                    at("firewall." + method.getName());
                    try {
                        return method.invoke(inner, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private Doorman started(DoormanBuilder builder) {
        Doorman doorman = builder.build();
        toClose.add(doorman);
        doorman.start();
        return doorman;
    }

    private static Status knock(Doorman doorman) {
        return knock(doorman.port());
    }

    private static Status knock(int port) {
        return Knocker.builder()
                .identity(identity(ALICE))
                .trust(Trust.of(CA.certificate()))
                .server("127.0.0.1", port)
                .build()
                .open()
                .status();
    }

    private static Identity identity(TestCertificate certificate) {
        return Identity.of(certificate.key(), certificate.chain());
    }
}
