package io.openme.doorman;

import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What a doorman was built with. */
record DoormanSettings(
        Identity identity,
        Trust trust,
        List<InetSocketAddress> addresses,
        FirewallContext context,
        Supplier<Firewall> firewall,
        AccessPolicy policy,
        int grantsPerClient,
        boolean tls12,
        Duration watchInterval,
        Optional<Path> stateDirectory,
        Clock dates,
        Clock grants,
        List<DoormanListener> listeners,
        List<DoormanMetrics> metrics) {}
