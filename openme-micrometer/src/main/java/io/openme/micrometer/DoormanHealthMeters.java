package io.openme.micrometer;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.openme.doorman.Doorman;
import io.openme.doorman.Health;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Gauges of how a doorman is: {@link Doorman#health()}, asked whenever the registry is read.
 *
 * <p>The gauges hold the doorman weakly, as Micrometer does: once nobody else holds it they are {@code NaN}.
 */
public final class DoormanHealthMeters implements MeterBinder {
    private final Doorman doorman;
    private final Tags tags;
    private final Clock clock;

    /** Gauges of this doorman, without tags of their own. */
    public DoormanHealthMeters(Doorman doorman) {
        this(doorman, Tags.empty());
    }

    /** Gauges of this doorman, each with these tags, too. */
    public DoormanHealthMeters(Doorman doorman, Tags tags) {
        this(doorman, tags, Clock.systemUTC());
    }

    /** Gauges that measure what is left of certificates by this clock. */
    DoormanHealthMeters(Doorman doorman, Tags tags, Clock clock) {
        this.doorman = doorman;
        this.tags = tags;
        this.clock = clock;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge(registry, "openme.listening", "1 if it accepts knocks, else 0", h -> flag(h.listening()));
        gauge(
                registry,
                "openme.firewall.in.order",
                "1 if the firewall is what it should be, else 0",
                h -> flag(h.firewallInOrder()));
        gauge(registry, "openme.alive", "1 if all of its threads do their work, else 0", h -> flag(h.alive()));
        gauge(
                registry,
                "openme.reload.failing",
                "1 if the files that were last read can't be used, else 0",
                h -> flag(h.reloadFailed().isPresent()));
        gauge(registry, "openme.openings", "Openings that the firewall should admit", Health::openings);
        gauge(registry, "openme.grants", "Grants that are live", Health::grants);
        gauge(registry, "openme.connections", "Peers that are connected", Health::connections);
        remaining(
                registry,
                "openme.certificate.remaining",
                "Until the doorman's certificate ends; negative once it has",
                h -> left(Optional.of(h.certificateEnd())));
        remaining(
                registry,
                "openme.revocations.remaining",
                "Until a revocation list is too old and its clients are refused; NaN without a list",
                h -> left(h.revocationsEnd()));
    }

    private void gauge(MeterRegistry registry, String name, String description, ToDoubleFunction<Health> value) {
        Gauge.builder(name, doorman, d -> value.applyAsDouble(d.health()))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private void remaining(MeterRegistry registry, String name, String description, ToDoubleFunction<Health> seconds) {
        TimeGauge.builder(name, doorman, TimeUnit.SECONDS, d -> seconds.applyAsDouble(d.health()))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private double left(Optional<Instant> end) {
        return end.map(e -> (double) Duration.between(clock.instant(), e).toSeconds())
                .orElse(Double.NaN);
    }

    private static double flag(boolean value) {
        return value ? 1 : 0;
    }
}
