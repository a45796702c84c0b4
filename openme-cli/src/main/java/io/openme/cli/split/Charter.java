package io.openme.cli.split;

import io.openme.cli.config.Configuration;
import io.openme.cli.config.Durations;
import io.openme.spi.Change;
import io.openme.spi.Service;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the helper does for a doorman: its own reading of the configuration, whatever that one's is.
 *
 * @param services the names of those that it guards
 * @param longest the most that an opening lives
 */
record Charter(Set<String> services, Duration longest) {
    static Charter of(Configuration configuration) {
        return new Charter(
                configuration.services().stream().map(Service::name).collect(Collectors.toUnmodifiableSet()),
                configuration.grants().longest());
    }

    /** Why it does not do this; empty if it does. */
    Optional<String> objection(List<? extends Change> changes) {
        for (Change change : changes) {
            String service = change.opening().service();
            if (!services.contains(service)) {
                return Optional.of(
                        "\"" + service + "\" is no service that the helper's configuration guards; those are "
                                + String.join(", ", services));
            }
            if (change instanceof Change.Open open && open.lifetime().compareTo(longest) > 0) {
                return Optional.of("a lifetime of " + Durations.format(open.lifetime())
                        + " is more than grants.longest when the helper was started, " + Durations.format(longest)
                        + "; restart it if its configuration says more by now");
            }
        }
        return Optional.empty();
    }
}
