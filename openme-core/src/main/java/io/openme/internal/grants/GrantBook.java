package io.openme.internal.grants;

import io.openme.doorman.Client;
import io.openme.spi.Opening;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is granted, for those who only want to know: a copy of the {@link GrantTable} as the firewall has committed it. So
 * nobody who asks waits for the firewall. Safe for use by several threads.
 */
public final class GrantBook {
    private final Map<Client, Map<Opening, Grant>> grants = new HashMap<>();
    private int size;

    /** Takes over what has changed. */
    public synchronized void write(GrantTable.Committed committed) {
        for (Grant grant : committed.gone()) {
            Map<Opening, Grant> held = grants.get(grant.client());
            if (held != null && held.remove(grant.opening()) != null) {
                size--;
                if (held.isEmpty()) {
                    grants.remove(grant.client());
                }
            }
        }
        for (Grant grant : committed.granted()) {
            Map<Opening, Grant> held = grants.computeIfAbsent(grant.client(), c -> new LinkedHashMap<>());
            if (held.put(grant.opening(), grant) == null) {
                size++;
            }
        }
    }

    /** What this client holds, in the order in which it came. */
    public synchronized List<Grant> of(Client client) {
        return List.copyOf(grants.getOrDefault(client, Map.of()).values());
    }

    /** What everybody holds, by the names of the clients. */
    public synchronized List<Grant> all() {
        return grants.entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<Client, Map<Opening, Grant>> e) ->
                                e.getKey().name())
                        .thenComparing(e -> e.getKey().fingerprint()))
                .flatMap(e -> e.getValue().values().stream())
                .toList();
    }

    /** The client with this fingerprint, if it holds anything. */
    public synchronized Optional<Client> client(String fingerprint) {
        return grants.keySet().stream()
                .filter(c -> c.fingerprint().equals(fingerprint))
                .findFirst();
    }

    /** How many openings stand behind these. */
    public synchronized int openings() {
        return (int) grants.values().stream()
                .flatMap(held -> held.keySet().stream())
                .distinct()
                .count();
    }

    /** How many grants there are. */
    public synchronized int size() {
        return size;
    }
}
