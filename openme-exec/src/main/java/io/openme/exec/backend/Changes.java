package io.openme.exec.backend;

import io.openme.spi.Change;
import io.openme.spi.Opening;
import io.openme.spi.Service;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Prepares changes for a backend. */
public final class Changes {
    private Changes() {}

    /**
     * The last change of each opening: in one transaction only the last word counts.
     *
     * @param services the guarded ones
     * @throws IllegalArgumentException if a change is of another service
     */
    public static <C extends Change> Map<Opening, C> lastOfEach(
            List<Service> services, Collection<? extends C> changes) {
        Map<Opening, C> last = new LinkedHashMap<>();
        for (C change : changes) {
            Opening opening = change.opening();
            if (services.stream().noneMatch(service -> service.name().equals(opening.service()))) {
                throw new IllegalArgumentException("\"" + opening.service() + "\" is no guarded service");
            }
            last.put(opening, change);
        }
        return last;
    }
}
