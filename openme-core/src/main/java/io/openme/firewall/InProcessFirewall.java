package io.openme.firewall;

import io.openme.internal.time.SteadyClock;
import io.openme.spi.Capability;
import io.openme.spi.Change;
import io.openme.spi.Firewall;
import io.openme.spi.Opening;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Guards servers inside this JVM, on any operating system and with no privileges: they ask {@link #admits} at accept
 * time, or let a {@link GuardedPort} do it for them.
 *
 * <p>Until a doorman has installed it, and after it is closed, it admits nobody. It is safe for use by several threads.
 */
public final class InProcessFirewall implements Firewall {
    /** More than anybody waits for, and still a date. */
    private static final Duration LONGEST = Duration.ofDays(365_000);

    private final Clock clock;
    private final Optional<Set<String>> services;
    private final Map<Opening, Instant> until = new ConcurrentHashMap<>();

    /** A firewall that admits nobody yet, and does not notice when the system's clock is set. */
    public InProcessFirewall() {
        this(new SteadyClock());
    }

    /** A firewall whose openings end by this clock. */
    public InProcessFirewall(Clock clock) {
        this(clock, Optional.empty());
    }

    /** A firewall that knows its services, and refuses others. */
    InProcessFirewall(Set<String> services) {
        this(new SteadyClock(), Optional.of(services));
    }

    private InProcessFirewall(Clock clock, Optional<Set<String>> services) {
        this.clock = clock;
        this.services = services;
    }

    /** Whether {@code source} may reach this service now. Never blocks. */
    public boolean admits(InetAddress source, String service) {
        Instant end = until.get(new Opening(source, service));
        return end != null && clock.instant().isBefore(end);
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.of(Capability.ATOMIC, Capability.KERNEL_EXPIRY, Capability.ENFORCING);
    }

    @Override
    public synchronized void install(List<Change.Open> openings) {
        apply(openings);
        until.keySet().retainAll(openings.stream().map(Change.Open::opening).collect(Collectors.toSet()));
    }

    @Override
    public synchronized void apply(List<? extends Change> changes) {
        services.ifPresent(guarded -> Guarded.check(guarded, changes));
        Instant now = clock.instant();
        for (Change change : changes) {
            if (change instanceof Change.Open open) {
                Duration lifetime = open.lifetime();
                until.put(open.opening(), now.plus(lifetime.compareTo(LONGEST) < 0 ? lifetime : LONGEST));
            } else {
                until.remove(change.opening());
            }
        }
    }

    @Override
    public Set<Opening> openings() {
        Instant now = clock.instant();
        return until.entrySet().stream()
                .filter(e -> now.isBefore(e.getValue()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public String preview(List<Change.Open> openings) {
        StringBuilder text = new StringBuilder("this process admits nobody to its guarded services but:\n");
        openings.forEach(o ->
                text.append(o.opening()).append(" for ").append(o.lifetime()).append('\n'));
        return text.toString();
    }

    /** Always: nobody else can change it. */
    @Override
    public boolean intact() {
        return true;
    }

    @Override
    public void uninstall() {
        close();
    }

    /** Admits nobody any more: there is no guard to take away, whatever the context says. */
    @Override
    public synchronized void close() {
        until.clear();
    }
}
