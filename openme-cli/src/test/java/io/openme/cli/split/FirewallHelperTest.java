package io.openme.cli.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.openme.cli.config.Configuration;
import io.openme.firewall.InProcessFirewall;
import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FirewallHelperTest {
    private static final Opening HOME = opening("203.0.113.9");
    private static final Opening OFFICE = opening("2001:db8::9");
    private static final String HELLO = "hello 1\n";

    @TempDir
    private Path directory = Path.of("");

    private final InProcessFirewall host = new InProcessFirewall();
    private Path socket = Path.of("");
    private Path file = Path.of("");
    private FirewallHelper helper;

    @BeforeEach
    void startHelper() throws IOException {
        socket = directory.resolve("socket");
        file = Files.writeString(directory.resolve("config.yaml"), """
                services: { ssh: [22/tcp], web: [443/tcp] }
                identity: { certificate: a.crt, key: a.key }
                clients: { ca: ca.crt }
                grants: { longest: 2h }
                """);
        start();
    }

    private void start() throws IOException {
        helper = start(host);
    }

    private FirewallHelper start(Firewall firewall) throws IOException {
        FirewallHelper started = FirewallHelper.open(socket, myself(), Configuration.read(file), firewall);
        Thread thread = new Thread(started::run);
        thread.setDaemon(true);
        thread.start();
        return started;
    }

    @AfterEach
    void endHelper() {
        helper.close();
    }

    @Test
    void isNotAliveWhileTheFirewallHangsAndIsAgainAfterwards() throws Exception {
        Duration longest = Duration.ofSeconds(4);
        CountDownLatch hang = new CountDownLatch(1);
        helper.close();
        Firewall hanging = (Firewall) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Firewall.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("install")) {
                        hang.await();
                    }
                    return method.invoke(host, arguments);
                });
        helper = FirewallHelper.open(socket, myself(), Configuration.read(file), hanging);
        assertThat(helper.life(longest)).isPresent();
        Thread thread = new Thread(helper::run);
        thread.setDaemon(true);
        thread.start();
        try (HelperFirewall firewall = client("ssh", "web")) {
            Thread asking = new Thread(() -> firewall.install(List.of()));
            asking.start();
            await().until(() -> helper.life(longest).isEmpty());

            hang.countDown();
            await().until(() -> helper.life(longest).isPresent());
            asking.join();
        }
    }

    @Test
    void doesForADoormanWhatTheFirewallDoes() {
        try (HelperFirewall firewall = client("ssh", "web")) {
            assertThat(firewall.capabilities()).isEqualTo(host.capabilities());
            assertThat(firewall.intact()).isFalse();

            firewall.install(List.of(new Change.Open(HOME, Duration.ofHours(1))));
            assertThat(firewall.intact()).isTrue();
            firewall.apply(List.of(new Change.Open(OFFICE, Duration.ofHours(2)), new Change.Close(HOME)));

            assertThat(host.openings()).containsExactly(OFFICE);
            assertThat(firewall.openings()).containsExactly(OFFICE);
        }
        assertThat(host.openings()).as("closed with the doorman").isEmpty();
    }

    @Test
    void saysHowMuchRoomTheFirewallHas() throws IOException {
        assertThat(client("ssh", "web").room()).isEmpty();
        helper.close();
        helper = start((Firewall) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Firewall.class},
                (proxy, method, given) ->
                        method.getName().equals("room") ? OptionalInt.of(1000) : method.invoke(host, given)));

        assertThat(client("ssh", "web").room()).hasValue(1000);
    }

    @Test
    void leavesAHostAloneThatADoormanNeverInstalledOn() {
        host.install(List.of(new Change.Open(HOME, Duration.ofHours(1))));

        try (HelperFirewall firewall = client("ssh", "web")) {
            firewall.capabilities();
        }

        assertThat(host.openings()).containsExactly(HOME);
    }

    @Test
    void keepsWhatIsOpenWhenTheDoormanIsKilled() throws IOException {
        assertThat(say(HELLO + "install 1\n+ ssh 203.0.113.9 1000000000000\n")).endsWith("\nok 0\n");

        assertThat(client("ssh", "web").openings()).containsExactly(HOME);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "+ dns 203.0.113.9 1000000000",
                "- dns 203.0.113.9",
                // a nanosecond more than grants.longest
                "+ ssh 203.0.113.9 7200000000001"
            })
    void refusesWhatItsOwnConfigurationDoesNotAllow(String change) throws IOException {
        assertThat(say(HELLO + "install 0\napply 2\n+ ssh 203.0.113.9 1000000000\n" + change + "\n"))
                .contains("\nfailed rejected ");

        assertThat(host.openings()).as("nothing of the request").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "uninstall",
                "close-all now",
                "install",
                "install -1",
                "install 01",
                "install 262145",
                "install 99999999999999999999",
                "apply 1\n+ ssh 203.0.113.0/24 1000000000",
                "apply 1\n+ ssh localhost 1000000000",
                "apply 1\n+ ssh fe80::1%eth0 1000000000",
                "apply 1\n+ ssh 203.0.113.9 0",
                "apply 1\n+ ssh 203.0.113.9 -1",
                "apply 1\n+ ssh 203.0.113.9 PT1H",
                "apply 1\n+ ssh 203.0.113.9",
                "apply 1\n+ ssh  203.0.113.9 1000000000",
                "apply 1\n- ssh 203.0.113.9 1000000000",
                "install 1\n- ssh 203.0.113.9",
                "apply 1\n+ ssh 203.0.113.9 1000000000;flush",
                "apply 1\n+ ssh\t203.0.113.9 1000000000",
                "apply 1\n+ ssh 203.0.113.9 1000000000\r",
                "apply 1\n\u00e9",
                "hello",
                ""
            })
    void cutsOffWhatIsNoRequest(String request) throws IOException {
        String before = say(HELLO + "install 0\n");

        assertThat(say(HELLO + "install 0\n" + request + "\nopenings\n")).isEqualTo(before);

        assertThat(host.openings()).isEmpty();
    }

    @Test
    void answersNobodyWhoDoesNotBeginAsItShould() throws IOException {
        assertThat(say("openings\n")).isEmpty();
        assertThat(say("hello 2\nopenings\n")).isEmpty();
    }

    @Test
    void takesNoLineWithoutAnEnd() throws IOException {
        assertThat(say(HELLO + "x".repeat(10_000_000))).doesNotContain("failed");

        assertThat(say(HELLO + "openings\n")).endsWith("ok 0\n");
    }

    @Test
    void forgetsHalfARequest() throws IOException {
        say(HELLO + "install 0\n");

        say(HELLO + "apply 2\n+ ssh 203.0.113.9 1000000000\n");

        assertThat(host.openings()).isEmpty();
    }

    @Test
    void refusesAnotherUser() throws IOException {
        helper.close();
        Peer other = new Peer("other", -1, -1, principal(isRoots() ? "nobody" : "root"));
        helper = FirewallHelper.open(socket, other, Configuration.read(file), host);
        new Thread(helper::run).start();

        assertThat(say(HELLO)).isEmpty();
    }

    @Test
    void listensOnlyWhereNobodyElseMakesFiles() throws IOException {
        helper.close();
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThatThrownBy(this::start)
                .isInstanceOf(OpenmeException.class)
                .hasMessageContaining("chmod go-w " + directory.toRealPath());
    }

    @Test
    void hearsTheNextThoughSomebodyIsThereAndSaysNothing() throws IOException {
        try (SocketChannel silent = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                HelperFirewall doorman = client("ssh", "web");
                HelperFirewall left = client("ssh", "web")) {
            assertThat(doorman.capabilities()).isNotEmpty();
            left.install(List.of());

            doorman.install(List.of(new Change.Open(HOME, Duration.ofHours(1))));

            assertThat(host.openings()).containsExactly(HOME);
            assertThat(silent.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
    }

    @Test
    void opensNothingOnceItIsAboutToEnd() throws IOException {
        say(HELLO + "install 1\n+ ssh 203.0.113.9 1000000000000\n");
        helper.wane();

        assertThat(say(HELLO + "apply 1\n+ ssh 2001:db8::9 1000000000\n")).contains("\nfailed rejected ");
        assertThat(say(HELLO + "close-all\n")).endsWith("\nok 0\n");
        assertThat(host.openings()).isEmpty();
    }

    @Test
    void outlivesAnyErrorOfItsFirewall() throws IOException {
        AtomicBoolean broken = new AtomicBoolean();
        Firewall failing = (Firewall) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Firewall.class}, (proxy, method, arguments) -> {
                    if (broken.get()) {
                        throw new NoClassDefFoundError("no descriptor was left to load it");
                    }
                    return method.invoke(host, arguments);
                });
        helper.close();
        helper = start(failing);
        FirewallHost looking = new FirewallHost(failing, new Charter(Set.of("ssh"), Duration.ofHours(1)));
        looking.answer(new Request.Install(List.of()));
        broken.set(true);

        looking.look();
        assertThat(say(HELLO)).isEmpty();

        broken.set(false);
        assertThat(say(HELLO + "install 0\n")).endsWith("\nok 0\n");
    }

    @Test
    void wantsAFirewallThatEndsOpeningsByItself() {
        Firewall forgetful = (Firewall) Proxy.newProxyInstance(
                Firewall.class.getClassLoader(),
                new Class<?>[] {Firewall.class},
                (proxy, method, arguments) -> EnumSet.of(Capability.ATOMIC, Capability.ENFORCING));

        assertThatThrownBy(() -> new FirewallHost(forgetful, new Charter(Set.of("ssh"), Duration.ofHours(1))))
                .isInstanceOf(FirewallException.class)
                .hasMessageContaining("does not end openings by itself");
    }

    @Test
    void isFoundAgainWhenItWasStartedAnew() throws IOException {
        HelperFirewall firewall = client("ssh", "web");
        firewall.install(List.of());
        helper.close();
        await().untilAsserted(() -> assertThatThrownBy(firewall::intact)
                .isInstanceOfSatisfying(
                        FirewallException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BUSY)));

        start();

        assertThat(firewall.intact()).as("nobody installed anything there").isFalse();
        assertThatThrownBy(() -> firewall.apply(List.of(new Change.Close(HOME))))
                .isInstanceOfSatisfying(
                        FirewallException.class, e -> assertThat(e.reason()).isEqualTo(Reason.STATE_LOST));
        firewall.install(List.of(new Change.Open(HOME, Duration.ofHours(1))));
        assertThat(host.openings()).containsExactly(HOME);
    }

    @Test
    void isOfNoUseToADoormanOfOtherServices() {
        assertThatThrownBy(() -> client("ssh").capabilities())
                .isInstanceOf(FirewallException.class)
                .hasMessageContaining("guards ssh, web, and this configuration says ssh;");
    }

    @Test
    void removesItsGuardForNobodyWhoAsks() {
        assertThatThrownBy(() -> client("ssh", "web").uninstall())
                .isInstanceOf(FirewallException.class)
                .hasMessageContaining("as root: openme uninstall");
    }

    @Test
    void isThereOnceOnly() {
        assertThatThrownBy(this::start)
                .isInstanceOf(OpenmeException.class)
                .hasMessageContaining("a helper is at work there already");
        assertThat(client("ssh", "web").capabilities()).isNotEmpty();
    }

    private HelperFirewall client(String... services) {
        return new HelperFirewall(socket, Set.of(services));
    }

    private String say(String text) throws IOException {
        return Say.to(socket, text.getBytes(StandardCharsets.UTF_8));
    }

    private Peer myself() throws IOException {
        return new Peer("me", -1, -1, Files.getOwner(directory));
    }

    private boolean isRoots() throws IOException {
        return myself().principal().equals(principal("root"));
    }

    private static UserPrincipal principal(String name) throws IOException {
        return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name);
    }

    private static Opening opening(String address) {
        try {
            return new Opening(InetAddress.getByName(address), "ssh");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
