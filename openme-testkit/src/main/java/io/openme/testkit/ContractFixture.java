package io.openme.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.abort;

import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.FirewallProvider;
import io.openme.spi.Opening;
import io.openme.spi.PortRange;
import io.openme.spi.Service;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** What the rules of the contract share: services, sources, firewalls that are let go of after each rule. */
abstract class ContractFixture {
    static final Service SSH = Service.of("ssh", "2022/tcp");
    static final Service ADMIN = Service.of("admin", "2095-2100/tcp");
    static final List<InetAddress> SOURCES = List.of(
            address("203.0.113.9"), address("203.0.113.10"), address("2001:db8::9"), address("2001:db8:0:1:2:3:4:5"));
    /** Longer than any host can be told, so that a firewall writes the longest that can. */
    static final Duration FOR_EVER = Duration.ofDays(36500);

    static final Duration LONG = Duration.ofHours(1);
    static final Duration SHORT = Duration.ofSeconds(1);

    /** The coarsest timer of a host. */
    static final Duration SLACK = Duration.ofSeconds(1);

    private static final Duration PAUSE = Duration.ofMillis(10);

    /** What a busy machine loses so often in a row was not lost. */
    static final int TRIES = 4;

    static final String OWNER = "openme";

    private final List<Firewall> opened = new ArrayList<>();
    private @Nullable PacketPath packets;

    /** The backend. */
    protected abstract FirewallProvider provider();

    /** The host that it works on; the same at each call. */
    protected abstract HostUnderTest host();

    @BeforeAll
    final void beginWithoutAnyFirewall() {
        host().clear();
    }

    @AfterEach
    final void takeEveryFirewallAway() {
        for (Firewall firewall : opened) {
            try {
                firewall.close();
            } catch (RuntimeException e) {
                // What a rule has broken may fail here; the rule itself says so where it matters.
                assertThat(e).isNotNull();
            }
        }
        opened.clear();
        host().clear();
    }

    /** With its sources and its packets, if it has a network; made once, for it listens on ports. */
    final Optional<PacketPath> packets() {
        if (packets == null) {
            packets = host().network().map(PacketPath::new).orElse(null);
        }
        return Optional.ofNullable(packets);
    }

    final Optional<Reach> reach() {
        Optional<Reach> byPackets = packets().map(Reach.class::cast);
        return byPackets.isPresent() ? byPackets : host().reach();
    }

    /** The source of this number: 0 and 1 are of IPv4, 2 and 3 of IPv6. */
    final InetAddress source(int number) {
        return reach().map(Reach::sources).orElse(SOURCES).get(number);
    }

    final FirewallContext context(String owner, List<Service> services, Map<String, String> options, OnClose onClose) {
        Map<String, String> all = new HashMap<>(host().options());
        all.putAll(options);
        return new FirewallContext(owner, services, all, onClose);
    }

    final FirewallContext context(Map<String, String> options) {
        return context(OWNER, services(), options, OnClose.KEEP_GUARD);
    }

    final Firewall firewall(FirewallContext context) {
        Firewall firewall = provider().open(context);
        opened.add(firewall);
        return firewall;
    }

    final Firewall firewall() {
        return firewall(context(Map.of()));
    }

    final Firewall firewall(OnClose onClose) {
        return firewall(context(OWNER, services(), Map.of(), onClose));
    }

    /** A firewall for these services with nobody admitted. */
    final Firewall installed(Service... services) {
        Firewall firewall = firewall(context(OWNER, List.of(services), Map.of(), OnClose.KEEP_GUARD));
        firewall.install(List.of());
        return firewall;
    }

    final void needs(Firewall firewall, Capability capability) {
        if (!firewall.capabilities().contains(capability)) {
            abort(provider().name() + " does not declare " + capability);
        }
    }

    /** What is on the host, for a rule that makes no sense where nothing ever is. */
    final String state() {
        return host().state().orElseGet(() -> abort(provider().name() + " keeps nothing outside its own object"));
    }

    final Map<String, String> failing(Reason reason) {
        Map<String, String> options = host().failures().get(reason);
        return options == null ? abort("no way is known to make " + provider().name() + " fail as " + reason) : options;
    }

    final Service web() {
        return service("web", "2080/tcp", "2080/udp", "2090-2095/tcp");
    }

    /** Of these ports those that the backend can guard. */
    final Service service(String name, String... ports) {
        return new Service(
                name,
                Stream.of(ports)
                        .map(PortRange::parse)
                        .filter(port -> host().protocols().contains(port.protocol()))
                        .toList());
    }

    final List<Service> services() {
        return List.of(SSH, web(), ADMIN);
    }

    final Reach seen() {
        return reach().orElseGet(
                        () -> abort("the host can't show whom " + provider().name() + " lets through"));
    }

    /** Whom the firewall lets through to ssh and web: exactly these. */
    final void lets(Firewall firewall, Opening... through) {
        Set<Opening> expected = Set.of(through);
        Set<Opening> reached = seen().reached(firewall, List.of(SSH, web()));
        for (int i = 1; i < TRIES && !reached.equals(expected) && expected.containsAll(reached); i++) {
            reached = seen().reached(firewall, List.of(SSH, web()));
        }
        assertThat(reached).as("who gets through").isEqualTo(expected);
    }

    /** Refused for this reason, and honest about what that leaves. */
    static void fails(Reason reason, ThrowingCallable call) {
        FirewallException failure = catchThrowableOfType(FirewallException.class, call);
        assertThat(failure).as("a FirewallException for " + reason).isNotNull();
        assertThat(failure.reason()).as(String.valueOf(failure.getMessage())).isEqualTo(reason);
        assertThat(failure.getMessage()).isNotBlank();
    }

    /** Asks again and again; only a question that was asked after the time, and still says no, has failed. */
    final void within(Duration time, String what, BooleanSupplier done) {
        long start = now();
        Duration asked = since(start);
        while (!done.getAsBoolean()) {
            assertThat(asked).as("not within " + time + ": " + what).isLessThan(time);
            host().pass(PAUSE);
            asked = since(start);
        }
    }

    final long now() {
        return host().nanoTime();
    }

    final Duration since(long start) {
        return Duration.ofNanos(now() - start);
    }

    final Opening opening(int source, Service service) {
        return new Opening(source(source), service.name());
    }

    final Change.Open open(int source, Service service, Duration lifetime) {
        return new Change.Open(opening(source, service), lifetime);
    }

    final Change.Open open(int source, Service service) {
        return open(source, service, LONG);
    }

    final Change.Close close(int source, Service service) {
        return new Change.Close(opening(source, service));
    }

    static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal); // a literal: nobody is asked
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
