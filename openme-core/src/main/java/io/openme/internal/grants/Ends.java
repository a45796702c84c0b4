package io.openme.internal.grants;

import io.openme.doorman.Client;
import io.openme.spi.Opening;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Every grant once, by its end. */
class Ends {
    private final TreeMap<Instant, Map<Key, Grant>> grants = new TreeMap<>();

    /** Tells equal ends apart. */
    private record Key(Client client, Opening opening) {
        Key(Grant grant) {
            this(grant.client(), grant.opening());
        }
    }

    void add(Grant grant) {
        grants.computeIfAbsent(grant.until(), u -> new HashMap<>()).put(new Key(grant), grant);
    }

    void remove(Grant grant) {
        grants.computeIfPresent(grant.until(), (until, ending) -> {
            ending.remove(new Key(grant));
            return ending.isEmpty() ? null : ending;
        });
    }

    void clear() {
        grants.clear();
    }

    Optional<Instant> first() {
        return grants.isEmpty() ? Optional.empty() : Optional.of(grants.firstKey());
    }

    /** Those that have ended by then, those that ended first first. */
    List<Grant> until(Instant now) {
        return grants.headMap(now, true).values().stream()
                .flatMap(ended -> ended.values().stream())
                .toList();
    }
}
