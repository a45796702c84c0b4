package io.openme.doorman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.openme.doorman.AccessPolicy.Decision;
import io.openme.firewall.InProcessFirewall;
import io.openme.knocker.KnockResult.Status;
import io.openme.knocker.Knocker;
import io.openme.protocol.Answer;
import io.openme.protocol.Command;
import io.openme.protocol.IpLiteral;
import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.DoorLimit;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import io.openme.spi.OpenmeException;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DoormanTest {
    private static final TestCa CA = TestCa.create();
    private static final TestCertificate SERVER =
            CA.server("gate.example.org", "127.0.0.1").issue();
    private static final TestCertificate ALICE = CA.client("alice").issue();
    private static final InetAddress LOOPBACK = address("127.0.0.1");

    private final InProcessFirewall firewall = new InProcessFirewall();
    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
    private final List<AutoCloseable> toClose = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : toClose) {
            each.close();
        }
    }

    @Test
    void opensForTheAddressThatTheKnockComesFromAndForNobodyElse() {
        Doorman doorman = started(builder());
        assertThat(firewall.admits(LOOPBACK, "web")).isFalse();
        assertThat(knock(doorman, ALICE, Command.open())).isEqualTo(Status.GRANTED);
        assertThat(firewall.admits(LOOPBACK, "web")).isTrue();
        assertThat(firewall.admits(LOOPBACK, "ssh")).isTrue();
        assertThat(firewall.admits(address("127.0.0.2"), "web")).isFalse();
        assertThat(heard).containsExactly("opened [ssh, web] for 127.0.0.1 by alice");
    }

    @Test
    void closesAgainOnRequest() {
        Doorman doorman = started(builder());
        knock(doorman, ALICE, Command.open());
        assertThat(knock(doorman, ALICE, Command.close())).isEqualTo(Status.GRANTED);
        assertThat(firewall.openings()).isEmpty();
    }

    @Test
    void closingWhatIsNotOpenIsFine() {
        assertThat(knock(started(builder()), ALICE, Command.close())).isEqualTo(Status.GRANTED);
    }

    @Test
    void opensForAGuest() {
        Doorman doorman = started(builder());
        InetAddress guest = address("2001:db8::7");
        assertThat(knock(doorman, ALICE, Command.openFor(guest))).isEqualTo(Status.GRANTED);
        assertThat(firewall.admits(guest, "ssh")).isTrue();
        assertThat(firewall.admits(LOOPBACK, "ssh")).isFalse();
        assertThat(knock(doorman, ALICE, Command.closeFor(guest))).isEqualTo(Status.GRANTED);
        assertThat(firewall.openings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "::",
                "127.0.0.2",
                "::1",
                "224.0.0.1",
                "ff02::1",
                "255.255.255.255",
                "169.254.1.1",
                "fe80::1"
            })
    void refusesAGuestThatNoPacketComesFrom(String guest) {
        Doorman doorman = started(builder());
        assertThat(knock(doorman, ALICE, Command.openFor(address(guest)))).isEqualTo(Status.REFUSED);
        assertThat(firewall.openings()).isEmpty();
    }

    @Test
    void namingTheOwnAddressIsNotBringingAGuest() {
        Doorman doorman = started(builder()
                .policy((client, request) -> request.guest()
                        ? new Decision.Refused("no guests")
                        : new Decision.Granted(request.services(), Duration.ofMinutes(1))));
        assertThat(knock(doorman, ALICE, Command.openFor(LOOPBACK))).isEqualTo(Status.GRANTED);
        assertThat(knock(doorman, ALICE, Command.openFor(address("192.0.2.1")))).isEqualTo(Status.REFUSED);
    }

    @Test
    void refusesClientsThatCannotProveWhoTheyAre() {
        Doorman doorman = started(builder());
        TestCa other = TestCa.create();
        assertThat(knock(doorman, other.client("alice").issue(), Command.open()))
                .isEqualTo(Status.NOT_AUTHENTICATED);
        assertThat(knock(doorman, CA.client("late").expired().issue(), Command.open()))
                .isEqualTo(Status.NOT_AUTHENTICATED);
        assertThat(knock(doorman, CA.server("gate.example.org").issue(), Command.open()))
                .isEqualTo(Status.NOT_AUTHENTICATED);
        assertThat(firewall.openings()).isEmpty();
        assertThat(heard).hasSize(3).allMatch(line -> line.startsWith("refused "));
    }

    @Test
    void aPolicyThatThrowsOrGrantsWhatIsNotGuardedIsARefusal() {
        Doorman throwing = started(builder().policy((client, request) -> {
            throw new IllegalStateException("a bug");
        }));
        assertThat(knock(throwing, ALICE, Command.open())).isEqualTo(Status.REFUSED);
        Doorman inventive = started(builder()
                .firewall(new InProcessFirewall())
                .policy((client, request) -> new Decision.Granted(Set.of("telnet"), Duration.ofMinutes(1))));
        assertThat(knock(inventive, ALICE, Command.open())).isEqualTo(Status.REFUSED);
        assertThat(firewall.openings()).isEmpty();
    }

    @Test
    void aPolicyMayGrantLessThanEverything() {
        Doorman doorman = started(builder()
                .policy((client, request) -> client.name().equals("alice")
                        ? new Decision.Granted(Set.of("ssh"), Duration.ofMinutes(1))
                        : new Decision.Refused("not alice")));
        assertThat(knock(doorman, CA.client("bob").issue(), Command.open())).isEqualTo(Status.REFUSED);
        assertThat(knock(doorman, ALICE, Command.open())).isEqualTo(Status.GRANTED);
        assertThat(firewall.admits(LOOPBACK, "ssh")).isTrue();
        assertThat(firewall.admits(LOOPBACK, "web")).isFalse();
    }

    @Test
    void boundsWhatOneClientCanMakeTheHostRemember() {
        Doorman doorman = started(builder().grantsPerClient(4));
        assertThat(knock(doorman, ALICE, Command.openFor(address("192.0.2.1")))).isEqualTo(Status.GRANTED);
        assertThat(knock(doorman, ALICE, Command.openFor(address("192.0.2.2")))).isEqualTo(Status.GRANTED);
        assertThat(knock(doorman, ALICE, Command.openFor(address("192.0.2.3")))).isEqualTo(Status.REFUSED);
        assertThat(knock(doorman, CA.client("bob").issue(), Command.openFor(address("192.0.2.3"))))
                .isEqualTo(Status.GRANTED);
    }

    @Test
    void oneClientLeavesRoomInTheFirewallForOthers() {
        Doorman doorman = started(builder().firewall(withRoom(160)));
        opensForSoManyAndNoMore(doorman, 5);
        assertThat(knock(doorman, CA.client("bob").issue(), Command.openFor(address("192.0.2.99"))))
                .isEqualTo(Status.GRANTED);
    }

    @Test
    void evenWhereThereIsNextToNoRoomAClientGetsInEverywhereByBothFamiliesAndWhileItMoves() {
        opensForSoManyAndNoMore(started(builder().firewall(withRoom(1))), 4);
    }

    private static void opensForSoManyAndNoMore(Doorman doorman, int addresses) {
        for (int i = 1; i <= addresses; i++) {
            assertThat(knock(doorman, ALICE, Command.openFor(address("192.0.2." + i))))
                    .isEqualTo(Status.GRANTED);
        }
        assertThat(knock(doorman, ALICE, Command.openFor(address("192.0.2.99"))))
                .isEqualTo(Status.REFUSED);
    }

    @Test
    void servesATransportOfTheEmbeddersOwn() throws ExecutionException, InterruptedException, TimeoutException {
        Doorman doorman = started(builder());
        Client client = Client.of(ALICE.certificate());
        Answer answer = doorman.handle(client, address("198.51.100.4"), Command.open())
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        assertThat(answer).isEqualTo(Answer.OK);
        assertThat(firewall.admits(address("198.51.100.4"), "web")).isTrue();
    }

    @Test
    void closingTheDoormanClosesEveryOpeningAndAnswersNoMore() throws Exception {
        Doorman doorman = started(builder());
        knock(doorman, ALICE, Command.open());
        int port = doorman.port();
        doorman.close();
        doorman.close();
        assertThat(firewall.openings()).isEmpty();
        assertThat(knocker(port, ALICE).open().status()).isEqualTo(Status.UNREACHABLE);
        assertThat(doorman.handle(Client.of(ALICE.certificate()), LOOPBACK, Command.open())
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS))
                .isEqualTo(Answer.KO);
        assertThatThrownBy(doorman::start).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void mayBeClosedByAListenerOnItsOwnThread() {
        AtomicReference<Doorman> self = new AtomicReference<>();
        Doorman doorman = started(builder().listener(new DoormanListener() {
            @Override
            public void opened(Opened event) {
                Objects.requireNonNull(self.get()).close();
            }
        }));
        self.set(doorman);
        knock(doorman, ALICE, Command.open());
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(firewall.openings()).isEmpty());
        assertThatThrownBy(doorman::port).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anInterruptDoesNotCutTheCloseShort() {
        Doorman doorman = started(builder());
        knock(doorman, ALICE, Command.open());
        Thread.currentThread().interrupt();
        doorman.close();
        assertThat(Thread.interrupted()).as("the interrupt is still there").isTrue();
        assertThat(firewall.openings()).isEmpty();
    }

    @Test
    void withAStateDirectoryARestartKeepsWhatIsStillGood(@TempDir Path directory) {
        TestCertificate bob = CA.client("bob").issue();
        Doorman first = started(builder().stateDirectory(directory));
        knock(first, ALICE, Command.open());
        knock(first, bob, Command.openFor(address("192.0.2.7")));
        knock(first, bob, Command.openFor(address("192.0.2.8")));
        knock(first, bob, Command.closeFor(address("192.0.2.7")));
        first.close();
        assertThat(firewall.openings()).isEmpty();

        InProcessFirewall second = new InProcessFirewall();
        started(builder().firewall(second).stateDirectory(directory));
        assertThat(second.admits(LOOPBACK, "ssh")).isTrue();
        assertThat(second.admits(address("192.0.2.8"), "web")).isTrue();
        assertThat(second.admits(address("192.0.2.7"), "web")).isFalse();
    }

    @Test
    void aRestartDropsGrantsOfClientsThatAreTrustedNoLonger(@TempDir Path directory) {
        Doorman first = started(builder().stateDirectory(directory));
        knock(first, ALICE, Command.open());
        first.close();
        InProcessFirewall second = new InProcessFirewall();
        started(builder()
                .firewall(second)
                .trust(Trust.of(TestCa.create().certificate()))
                .stateDirectory(directory));
        assertThat(second.openings()).isEmpty();
    }

    @Test
    void aTakenPortIsFoundBeforeTheFirewallIsTouched() throws IOException {
        InProcessFirewall untouched = new InProcessFirewall();
        untouched.install(List.of(new Change.Open(new Opening(address("192.0.2.1"), "web"), Duration.ofMinutes(1))));
        class Watched implements Firewall {
            boolean installed;

            @Override
            public Set<Capability> capabilities() {
                return untouched.capabilities();
            }

            @Override
            public void install(List<Change.Open> openings) {
                installed = true;
            }

            @Override
            public void apply(List<? extends Change> changes) {
                installed = true;
            }

            @Override
            public Set<Opening> openings() {
                return untouched.openings();
            }

            @Override
            public String preview(List<Change.Open> openings) {
                return "";
            }

            @Override
            public boolean intact() {
                return true;
            }

            @Override
            public void uninstall() {}

            @Override
            public void close() {}
        }
        Watched watched = new Watched();
        try (ServerSocket taken = new ServerSocket(0, 1, LOOPBACK)) {
            Doorman doorman = builder(new InetSocketAddress(LOOPBACK, taken.getLocalPort()))
                    .firewall(watched)
                    .build();
            assertThatThrownBy(doorman::start)
                    .isInstanceOf(OpenmeException.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
        }
        assertThat(watched.installed).isFalse();
    }

    @Test
    void aFirewallThatRefusesToInstallStopsTheStart() {
        Doorman doorman = builder().firewall("no-such-backend").build();
        assertThatThrownBy(doorman::start)
                .isInstanceOfSatisfying(
                        FirewallException.class, e -> assertThat(e.reason()).isEqualTo(Reason.MISCONFIGURED))
                .hasMessageContaining("\"no-such-backend\"")
                .hasMessageContaining("dry-run, in-process");
        assertThatThrownBy(doorman::port).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void hasTheFirewallLimitNewConnectionsToWhereItListens() {
        List<String> calls = new ArrayList<>();
        Set<Capability> capabilities = EnumSet.of(Capability.ENFORCING, Capability.DOOR_LIMIT);
        Firewall limiting = recording(calls, capabilities);
        InetSocketAddress outside = new InetSocketAddress(address("0.0.0.0"), 0);

        Doorman doorman = started(builder(outside).listen(outside).firewall(limiting));
        List<Integer> ports = doorman.addresses().stream()
                .map(InetSocketAddress::getPort)
                .sorted()
                .toList();
        assertThat(ports).hasSize(2);
        assertThat(calls).containsExactly("limitDoor " + ports + " " + Doorman.DEFAULT_LISTEN_LIMIT, "install");

        calls.clear();
        DoorLimit few = new DoorLimit(3, Duration.ofSeconds(1));
        started(builder(outside).firewall(limiting).listenLimit(few));
        assertThat(calls).hasSize(2).first().asString().endsWith(few.toString());

        calls.clear();
        started(builder(outside).firewall(limiting).noListenLimit());
        started(builder().firewall(limiting)); // others can't get there
        capabilities.remove(Capability.DOOR_LIMIT);
        started(builder(outside).firewall(limiting));
        assertThat(calls).containsExactly("install", "install", "install");
    }

    /** Writes down what it is told before it is at work, and otherwise does nothing. */
    private static Firewall recording(List<String> calls, Set<Capability> capabilities) {
        return (Firewall) Proxy.newProxyInstance(
                Firewall.class.getClassLoader(), new Class<?>[] {Firewall.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "limitDoor" -> calls.add("limitDoor " + arguments[0] + " " + arguments[1]);
                        case "install" -> calls.add("install");
                        default -> {}
                    }
                    return switch (method.getName()) {
                        case "capabilities" -> capabilities;
                        case "intact" -> true;
                        case "room" -> OptionalInt.empty();
                        default -> null;
                    };
                });
    }

    @Test
    void aStartThatFailsLetsGoOfTheStateWhateverTheFirewallDoes(@TempDir Path directory) {
        Firewall broken = (Firewall) Proxy.newProxyInstance(
                Firewall.class.getClassLoader(), new Class<?>[] {Firewall.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("capabilities")) {
                        return Set.of();
                    }
                    throw new FirewallException(Reason.FAILED, "broken");
                });
        Doorman first = builder().firewall(broken).stateDirectory(directory).build();
        assertThatThrownBy(first::start).hasMessage("broken");

        assertThat(started(builder().stateDirectory(directory)).port()).isPositive();
    }

    @Test
    void withNoUsableFirewallItDoesNotStart() {
        Doorman doorman = Doorman.builder()
                .identity(identity(SERVER))
                .trust(Trust.of(CA.certificate()))
                .listen(new InetSocketAddress(LOOPBACK, 0))
                .service("ssh", "22/tcp")
                .build();
        assertThatThrownBy(doorman::start)
                .isInstanceOf(FirewallException.class)
                .hasMessageContaining("no firewall is usable here")
                .hasMessageContaining("dry-run: only used when it is named");
    }

    @Test
    void saysWhatIsMissingOrContradictory() {
        assertThatThrownBy(() -> Doorman.builder().service("ssh", "22/tcp").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("identity(");
        assertThatThrownBy(() -> Doorman.builder().identity(identity(SERVER)).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no service");
        assertThatThrownBy(() -> Doorman.builder()
                        .identity(identity(SERVER))
                        .trust(Trust.of(CA.certificate()))
                        .service("all", "1-65535/tcp")
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("guards port 54154, where the doorman itself listens");
    }

    /** The firewall of these tests, which says that it has room for so many openings of each service. */
    private Firewall withRoom(int openings) {
        return (Firewall) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Firewall.class},
                (proxy, method, given) ->
                        method.getName().equals("room") ? OptionalInt.of(openings) : method.invoke(firewall, given));
    }

    private DoormanBuilder builder() {
        return builder(new InetSocketAddress(LOOPBACK, 0));
    }

    private DoormanBuilder builder(InetSocketAddress address) {
        return Doorman.builder()
                .identity(identity(SERVER))
                .trust(Trust.of(CA.certificate()))
                .listen(address)
                .service("ssh", "22/tcp")
                .service("web", "80/tcp", "443/tcp")
                .firewall(firewall)
                .listener(new DoormanListener() {
                    @Override
                    public void opened(Opened event) {
                        heard.add("opened " + event.services().stream().sorted().toList() + " for "
                                + IpLiteral.format(event.address()) + " by "
                                + event.client().name());
                    }

                    @Override
                    public void refused(Refused event) {
                        heard.add("refused " + event.reason());
                    }
                });
    }

    private Doorman started(DoormanBuilder builder) {
        Doorman doorman = builder.build();
        toClose.add(doorman);
        doorman.start();
        return doorman;
    }

    private static Status knock(Doorman doorman, TestCertificate who, Command command) {
        return knocker(doorman.port(), who).knock(command).status();
    }

    private static Knocker knocker(int port, TestCertificate who) {
        return Knocker.builder()
                .identity(identity(who))
                .trust(Trust.of(CA.certificate()))
                .server("127.0.0.1", port)
                .build();
    }

    private static Identity identity(TestCertificate certificate) {
        return Identity.of(certificate.key(), certificate.chain());
    }

    private static InetAddress address(String text) {
        return IpLiteral.parse(text).orElseThrow();
    }
}
