package io.openme.doorman;

import io.openme.spi.DoorLimit;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** What a doorman was built with. */
record DoormanSettings(
        Admission admission,
        Admission.Source source,
        FileWatch watch,
        List<InetSocketAddress> addresses,
        Optional<DoorLimit> listenLimit,
        FirewallContext context,
        Supplier<Firewall> firewall,
        OptionalInt grantsPerClient,
        Optional<AccessPolicy.Rate> ratePerClient,
        boolean tls12,
        Duration watchInterval,
        Duration patience,
        Optional<Path> stateDirectory,
        Clock dates,
        Clock grants,
        List<DoormanListener> listeners,
        List<DoormanMetrics> metrics) {}
