package io.openme.cli;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.openme.audit.AuditLog;
import io.openme.cli.config.Configuration.OversightSettings;
import io.openme.doorman.Doorman;
import io.openme.doorman.DoormanBuilder;
import io.openme.micrometer.DoormanHealthMeters;
import io.openme.micrometer.DoormanMeters;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What tells the owner of what a doorman does: the audit log, metrics and health, as far as they are configured, and the service
 * manager.
 */
final class Oversight implements AutoCloseable {
    private final Optional<AuditLog> audit;
    private final Optional<InetSocketAddress> address;
    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ServiceManager manager;
    private final Failure failure = new Failure();
    private @Nullable Monitoring monitoring;

    private Oversight(Optional<AuditLog> audit, Optional<InetSocketAddress> address, ServiceManager manager) {
        this.audit = audit;
        this.address = address;
        this.manager = manager;
    }

    /** @throws io.openme.spi.OpenmeException if the audit log can't be opened: without it nobody is let in */
    static Oversight open(OversightSettings settings) {
        return open(settings, ServiceManager.of(System.getenv()));
    }

    static Oversight open(OversightSettings settings, ServiceManager manager) {
        return new Oversight(settings.audit().map(AuditLog::open), settings.monitoring(), manager);
    }

    /** Hears of what the doorman, or this process, does not survive. */
    Failure failure() {
        return failure;
    }

    ServiceManager manager() {
        return manager;
    }

    void listenTo(DoormanBuilder builder) {
        builder.listener(failure);
        audit.ifPresent(builder::listener);
        if (address.isPresent()) {
            builder.metrics(new DoormanMeters(meters));
        }
    }

    /**
     * Serves what is to be known of this doorman, started or not.
     *
     * @throws io.openme.spi.OpenmeException if it can't be listened there
     */
    void watch(Doorman doorman) {
        address.ifPresent(at -> {
            new DoormanHealthMeters(doorman).bindTo(meters);
            monitoring = Monitoring.start(at, doorman::health, meters::scrape);
        });
    }

    /** After the doorman, so that its end is written. Idempotent. */
    @Override
    public void close() {
        Monitoring running = monitoring;
        if (running != null) {
            running.close();
        }
        audit.ifPresent(AuditLog::close);
        manager.close();
    }
}
