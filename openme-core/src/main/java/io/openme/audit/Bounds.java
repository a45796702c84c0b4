package io.openme.audit;

import io.openme.doorman.Client;
import io.openme.internal.time.Quota;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which events of a kind get a line of their own: so many a minute of each client, and so many of all strangers together. The
 * others are counted. Safe for use by several threads.
 */
final class Bounds {
    static final int MOST = 60;
    static final Duration WINDOW = Duration.ofMinutes(1);
    /** How many clients have a quota of their own at a time; those beyond share the strangers'. */
    static final int MOST_CLIENTS = 1024;

    private final Quota strangers = new Quota(MOST, WINDOW);
    private final Map<Client, Quota> clients = new LinkedHashMap<>();

    /**
     * Those that got no line.
     *
     * @param client whose; empty if they are not of one
     */
    record Counted(Optional<Client> client, Quota.More more) {}

    /** Whether this one gets a line; if not, it is counted. */
    synchronized boolean admit(Optional<Client> who, Instant now) {
        return who.map(this::of).orElse(strangers).admit(now);
    }

    /** Takes those whose minute is over, and forgets their clients. */
    synchronized List<Counted> take(Instant now) {
        return take(quota -> quota.isOver(now));
    }

    /** Takes all that were counted. */
    synchronized List<Counted> takeAll() {
        return take(quota -> true);
    }

    private Quota of(Client client) {
        Quota known = clients.get(client);
        if (known != null || clients.size() >= MOST_CLIENTS) {
            return known == null ? strangers : known;
        }
        Quota made = new Quota(MOST, WINDOW);
        clients.put(client, made);
        return made;
    }

    private List<Counted> take(Predicate<Quota> due) {
        List<Counted> taken = new ArrayList<>();
        if (due.test(strangers)) {
            strangers.takeAll().ifPresent(more -> taken.add(new Counted(Optional.empty(), more)));
        }
        Iterator<Map.Entry<Client, Quota>> each = clients.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<Client, Quota> entry = each.next();
            if (due.test(entry.getValue())) {
                each.remove();
                entry.getValue().takeAll().ifPresent(more -> taken.add(new Counted(Optional.of(entry.getKey()), more)));
            }
        }
        return taken;
    }
}
