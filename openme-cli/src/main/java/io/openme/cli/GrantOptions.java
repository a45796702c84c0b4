package io.openme.cli;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** What to open, and for how long: of the commands that open. */
final class GrantOptions {
    @Option(
            names = "--for",
            paramLabel = "DURATION",
            converter = Converters.Duration.class,
            description = "For how long, such as 20m; the doorman may grant less. Default: what it thinks right.")
    private Optional<Duration> lifetime = Optional.empty();

    @Option(
            names = "--service",
            paramLabel = "NAME",
            split = ",",
            description = "Only this service; can be given more than once. Default: all that you may open.")
    private List<String> services = List.of();

    Optional<Duration> lifetime() {
        return lifetime;
    }

    Set<String> services() {
        return Set.copyOf(services);
    }
}
