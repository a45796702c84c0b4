package io.openme.knocker;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.doorman.Doorman;
import io.openme.firewall.InProcessFirewall;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Refusal;
import io.openme.testkit.ManualTime;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the firewall admits while a lease lives, moves and ends; the doorman is a real one. */
class LeaseWithDoormanTest {
    private static final TestCa CA = TestCa.create();
    private static final TestCertificate SERVER =
            CA.server("door.example", "127.0.0.1", "::1").issue();
    private static final TestCertificate ALICE = CA.client("alice").issue();
    private static final InetAddress HERE = ip("127.0.0.1");
    private static final InetAddress HERE6 = ip("::1");
    private static final InetAddress ELSEWHERE = ip("127.0.0.2");

    private final ManualTime time = new ManualTime(Instant.now());
    private final LoopbackNetwork network = new LoopbackNetwork();
    private final LeaseEvents events = new LeaseEvents();
    private final List<Lease> leases = new ArrayList<>();
    private InProcessFirewall firewall = new InProcessFirewall();
    private Doorman doorman = start(HERE, 0);

    @AfterEach
    void close() {
        leases.forEach(Lease::close);
        doorman.close();
    }

    @Test
    void isOpenAsLongAsItIsHeldAndForNoOtherService() {
        Lease lease = hold(Set.of("ssh"));
        assertThat(firewall.admits(HERE, "ssh")).isTrue();
        assertThat(firewall.admits(HERE, "web")).isFalse();

        lease.close();

        assertThat(firewall.admits(HERE, "ssh")).isFalse();
    }

    @Test
    void followsTheHostAndLeavesNothingOpenBehindIt() {
        hold(Set.of());

        network.moveTo(ELSEWHERE);
        time.advance(Lease.POLL);

        assertThat(firewall.admits(ELSEWHERE, "ssh")).isTrue();
        assertThat(firewall.admits(HERE, "ssh")).isFalse();
        assertThat(events.all()).contains("moved IPv4 127.0.0.1 127.0.0.2");
    }

    @Test
    void leavesAloneWhatTheSameClientOpenedOtherwise() {
        assertThat(knocker("127.0.0.1", doorman.port())
                        .ask(HoldOptions.defaults().withServices(Set.of("web")).request(Optional.empty()))
                        .granted())
                .isTrue();
        Lease lease = hold(Set.of("ssh"));

        network.moveTo(ELSEWHERE);
        time.advance(Lease.POLL);
        assertThat(firewall.admits(HERE, "web")).isTrue();
        lease.close();

        assertThat(firewall.admits(HERE, "web")).isTrue();
        assertThat(firewall.admits(ELSEWHERE, "ssh")).isFalse();
    }

    @Test
    void isOpenAgainAfterADoormanThatForgotEverything() {
        hold(Set.of());
        int port = doorman.port();
        doorman.close();
        firewall = new InProcessFirewall();
        doorman = start(HERE, port);
        assertThat(firewall.admits(HERE, "ssh")).isFalse();

        time.advance(Duration.ofMinutes(4));

        assertThat(firewall.admits(HERE, "ssh")).isTrue();
        assertThat(events.all()).noneMatch(event -> event.startsWith("lost"));
    }

    @Test
    void isOpenForIpv4AndIpv6() {
        network.serve(HERE, HERE6);
        InProcessFirewall first = firewall;
        firewall = new InProcessFirewall();
        Doorman other = start(HERE6, doorman.port());
        try {
            Lease lease = hold("door.example", Set.of());

            assertThat(first.admits(HERE, "ssh")).isTrue();
            assertThat(firewall.admits(HERE6, "ssh")).isTrue();
            lease.close();
            assertThat(first.admits(HERE, "ssh")).isFalse();
            assertThat(firewall.admits(HERE6, "ssh")).isFalse();
        } finally {
            other.close();
        }
    }

    @Test
    void saysWhyItIsRefused() {
        Lease lease = hold(Set.of("nope"));

        assertThat(lease.state().get(0).trouble().flatMap(KnockResult::refusal))
                .contains(Refusal.SERVICE_NOT_PERMITTED);
    }

    private Lease hold(Set<String> services) {
        return hold("127.0.0.1", services);
    }

    private Lease hold(String host, Set<String> services) {
        HoldOptions options = HoldOptions.defaults()
                .withServices(services)
                .withLifetime(Duration.ofMinutes(10))
                .withListener(events);
        Lease lease = Lease.start(
                knocker(host, doorman.port()),
                options,
                new LeaseParts(time, family -> new SameThread(), time::now, new Random(1)));
        leases.add(lease);
        time.runDue();
        return lease;
    }

    private Knocker knocker(String host, int port) {
        return Knocker.builder()
                .identity(Identity.of(ALICE.key(), ALICE.chain()))
                .trust(Trust.of(CA.certificate()))
                .server(host, port)
                .route(network)
                .build();
    }

    private Doorman start(InetAddress address, int port) {
        Doorman started = Doorman.builder()
                .identity(Identity.of(SERVER.key(), SERVER.chain()))
                .trust(Trust.of(CA.certificate()))
                .listen(new InetSocketAddress(address, port))
                .service("ssh", "22/tcp")
                .service("web", "80/tcp")
                .firewall(firewall)
                .build();
        started.start();
        return started;
    }

    private static InetAddress ip(String text) {
        return IpLiteral.parse(text).orElseThrow();
    }
}
