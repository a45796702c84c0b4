package io.openme.micrometer;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.openme.doorman.DoormanMetrics;
import io.openme.protocol.Refusal;
import java.time.Duration;
import java.util.Set;

/**
 * Counts and times what a doorman does in a meter registry. What the doorman is, is in {@link DoormanHealthMeters}.
 *
 * <p>The meters are {@code openme.handshakes}, {@code openme.commands}, {@code openme.firewall.transactions}, {@code
 * openme.firewall.changes} and {@code openme.reloads}; {@code docs/monitoring.md} has their tags. Nothing of a peer becomes
 * a tag, so there is a fixed number of them whoever knocks. Several doormen need a registry or {@link Tags} each.
 */
public final class DoormanMeters implements DoormanMetrics {
    private static final Set<String> COMMANDS = Set.of("open", "renew", "close", "status");
    /** For what a later doorman says. */
    private static final String OTHER = "other";

    private final MeterRegistry registry;
    private final Tags tags;

    /** Meters in this registry, without tags of their own. */
    public DoormanMeters(MeterRegistry registry) {
        this(registry, Tags.empty());
    }

    /** Meters in this registry, each with these tags, too. */
    public DoormanMeters(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
    }

    @Override
    public void handshake(boolean accepted, Duration took) {
        timer("openme.handshakes", "TLS handshakes of peers", Tags.of("outcome", accepted ? "accepted" : "refused"))
                .record(took);
    }

    @Override
    public void answered(String command, String outcome, Duration took) {
        timer(
                        "openme.commands",
                        "Commands of clients, from their arrival to the answer, the firewall included",
                        Tags.of("command", COMMANDS.contains(command) ? command : OTHER, "outcome", known(outcome)))
                .record(took);
    }

    @Override
    public void applied(int changes, boolean worked, Duration took) {
        timer("openme.firewall.transactions", "Transactions of the firewall", outcome(worked))
                .record(took);
        DistributionSummary.builder("openme.firewall.changes")
                .description("Openings and closings in one transaction of the firewall")
                .baseUnit("changes")
                .tags(tags)
                .register(registry)
                .record(changes);
    }

    @Override
    public void reloaded(boolean worked, Duration took) {
        timer("openme.reloads", "Reloads of certificates, revocation lists and policy", outcome(worked))
                .record(took);
    }

    private static String known(String outcome) {
        return outcome.equals("ok") || Refusal.of(outcome).isPresent() ? outcome : OTHER;
    }

    private static Tags outcome(boolean worked) {
        return Tags.of("outcome", worked ? "ok" : "failed");
    }

    private Timer timer(String name, String description, Tags more) {
        return Timer.builder(name).description(description).tags(tags.and(more)).register(registry);
    }
}
