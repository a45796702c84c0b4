package io.openme.firewall;

import io.openme.spi.Change;
import java.util.List;
import java.util.Set;

/** The names of the services that a firewall was opened for. */
final class Guarded {
    private Guarded() {}

    /** @throws IllegalArgumentException if a change is about any other service */
    static void check(Set<String> services, List<? extends Change> changes) {
        for (Change change : changes) {
            String service = change.opening().service();
            if (!services.contains(service)) {
                throw new IllegalArgumentException(
                        "\"" + service + "\" is no guarded service; guarded are " + String.join(", ", services));
            }
        }
    }
}
