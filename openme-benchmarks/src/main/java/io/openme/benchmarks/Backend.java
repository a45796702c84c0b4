package io.openme.benchmarks;

import io.openme.doorman.AccessPolicy;
import io.openme.doorman.Doorman;
import io.openme.doorman.DoormanListener;
import io.openme.firewall.Firewalls;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.Opening;
import io.openme.spi.Service;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The backend that is measured.
 *
 * @param name as a configuration selects it
 * @param options its own
 */
record Backend(String name, Map<String, String> options) {
    static final Service SERVICE = Service.of("web", "2080/tcp", "2080/udp");
    static final int UDP_PORT = 2080;
    static final Duration LONG = Duration.ofHours(1);

    private static final TestCa CA = TestCa.create();
    private static final TestCertificate SERVER = CA.server("localhost").issue();

    FirewallContext context() {
        return new FirewallContext("openme", List.of(SERVICE), options, OnClose.REMOVE);
    }

    /** The backend by itself. */
    Firewall firewall() {
        return Firewalls.onClassPath().open(name, context());
    }

    /** A doorman that uses the backend and remembers its grants in this directory, started. */
    Doorman doorman(Path state, Clock clock, AccessPolicy policy, DoormanListener listener) {
        Doorman doorman = Doorman.builder()
                .identity(Identity.of(SERVER.key(), SERVER.chain()))
                .trust(Trust.of(CA.certificate()))
                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .service(SERVICE)
                .firewall(name, options)
                .onClose(OnClose.REMOVE)
                .stateDirectory(state)
                .grantsPerClient(Knocks.MOST)
                .noRatePerClient()
                .policy(policy)
                .clock(clock)
                .listener(listener)
                .build();
        doorman.start();
        return doorman;
    }

    static TestCa ca() {
        return CA;
    }

    static List<Change.Open> openings(int count, Duration lifetime) {
        return IntStream.range(0, count)
                .mapToObj(number -> opening(number, lifetime))
                .toList();
    }

    static Change.Open opening(int number, Duration lifetime) {
        return new Change.Open(new Opening(Sources.of(number), SERVICE.name()), lifetime);
    }
}
