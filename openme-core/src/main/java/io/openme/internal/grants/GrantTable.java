package io.openme.internal.grants;

import io.openme.doorman.Client;
import io.openme.spi.Change;
import io.openme.spi.Opening;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * All live grants, and what they mean for the firewall.
 *
 * <p>An opening is wanted while at least one grant stands behind it, until the last of their ends. A {@link Transaction}
 * collects what should change, tells the {@link Change}s that bring the firewall there, and becomes true only when it is
 * committed: what the firewall refused never happened here either.
 *
 * <p>A state machine: no thread, no clock; not safe for use by several threads. One transaction is open at a time.
 */
public final class GrantTable {
    private final Map<Opening, Map<Client, Grant>> grants = new HashMap<>();
    /** Every grant once, by its end; the opening and client behind it only tell equal ends apart. */
    private final TreeMap<Instant, Map<Key, Grant>> ends = new TreeMap<>();

    private final Map<Client, Integer> held = new HashMap<>();
    private final int mostPerClient;

    private record Key(Client client, Opening opening) {}

    /**
     * An empty table.
     *
     * @param mostPerClient how many grants one client may hold at once; at least 1. It bounds the memory that a client
     *     can take
     */
    public GrantTable(int mostPerClient) {
        if (mostPerClient < 1) {
            throw new IllegalArgumentException(
                    "a client must be able to hold at least one grant, not " + mostPerClient);
        }
        this.mostPerClient = mostPerClient;
    }

    /** Begins a transaction; one that was begun before and not committed is void. */
    public Transaction begin() {
        return new Transaction();
    }

    /** When the next grant ends. */
    public Optional<Instant> nextEnd() {
        return ends.isEmpty() ? Optional.empty() : Optional.of(ends.firstKey());
    }

    /** How many openings are wanted. */
    public int openings() {
        return grants.size();
    }

    private static Optional<Instant> end(Collection<Grant> behind) {
        return behind.stream().map(Grant::until).max(Comparator.naturalOrder());
    }

    /**
     * What a committed transaction changed.
     *
     * @param granted new grants, and those that have a new end
     * @param gone grants that were taken back or have ended
     */
    public record Committed(List<Grant> granted, List<Grant> gone) {
        /** It changed nothing. */
        public static final Committed NOTHING = new Committed(List.of(), List.of());
    }

    /** Changes that are collected, and true once committed. */
    public final class Transaction {
        private final Map<Opening, Map<Client, Grant>> touched = new HashMap<>();
        private final Map<Client, Integer> heldNow = new HashMap<>();
        private final Set<Opening> asked = new HashSet<>();

        private Transaction() {}

        /**
         * Grants these openings to the client until then, or renews them.
         *
         * @return false if the client would hold too many; then nothing of it is in the transaction
         */
        public boolean open(Client client, Collection<Opening> openings, Instant until) {
            long more = openings.stream()
                    .filter(o -> !behind(o).containsKey(client))
                    .count();
            if (held(client) + more > mostPerClient) {
                return false;
            }
            for (Opening opening : openings) {
                if (touch(opening).put(client, new Grant(client, opening, until)) == null) {
                    heldNow.put(client, held(client) + 1);
                }
                asked.add(opening);
            }
            return true;
        }

        /**
         * Takes the client's own grants for these openings back; where it has none, nothing happens.
         *
         * @return the grants taken back
         */
        public List<Grant> close(Client client, Collection<Opening> openings) {
            List<Grant> closed = new ArrayList<>();
            for (Opening opening : openings) {
                if (behind(opening).containsKey(client)) {
                    closed.add(remove(client, opening));
                }
            }
            return closed;
        }

        /**
         * Takes back every grant that has ended.
         *
         * @return the grants taken back, those that ended first first
         */
        public List<Grant> expire(Instant now) {
            List<Grant> expired = new ArrayList<>();
            for (Map<Key, Grant> ended : ends.headMap(now, true).values()) {
                for (Grant grant : ended.values()) {
                    // This transaction may have renewed or closed it already.
                    if (grant.equals(behind(grant.opening()).get(grant.client()))) {
                        expired.add(remove(grant.client(), grant.opening()));
                    }
                }
            }
            return expired;
        }

        /**
         * What brings a firewall from the committed state to this one. Every grant in it ends after {@code now}. What a
         * client asked for is in it even if it should be there already: somebody may have taken it away, and the client is
         * told that it is there.
         */
        public List<Change> changes(Instant now) {
            List<Change> changes = new ArrayList<>();
            touched.forEach((opening, after) -> {
                Optional<Instant> was = end(committed(opening).values());
                Optional<Instant> is = end(after.values());
                if (is.isPresent() && (asked.contains(opening) || !is.equals(was))) {
                    changes.add(new Change.Open(opening, Duration.between(now, is.get())));
                } else if (is.isEmpty() && was.isPresent()) {
                    changes.add(new Change.Close(opening));
                }
            });
            return changes;
        }

        /** Everything that should be open in this state. Every grant in it ends after {@code now}. */
        public List<Change.Open> openings(Instant now) {
            List<Change.Open> openings = new ArrayList<>();
            grants.forEach((opening, behind) -> {
                if (!touched.containsKey(opening)) {
                    end(behind.values())
                            .ifPresent(e -> openings.add(new Change.Open(opening, Duration.between(now, e))));
                }
            });
            touched.forEach((opening, behind) -> end(behind.values())
                    .ifPresent(e -> openings.add(new Change.Open(opening, Duration.between(now, e)))));
            return openings;
        }

        /** Makes it true; what that changed. */
        public Committed commit() {
            List<Grant> granted = new ArrayList<>();
            List<Grant> gone = new ArrayList<>();
            touched.forEach((opening, after) -> {
                Map<Client, Grant> before = committed(opening);
                before.forEach((client, grant) -> {
                    if (!after.containsKey(client)) {
                        gone.add(grant);
                    }
                    forget(grant);
                });
                after.forEach((client, grant) -> {
                    if (!grant.equals(before.get(client))) {
                        granted.add(grant);
                    }
                    remember(grant);
                });
                if (after.isEmpty()) {
                    grants.remove(opening);
                } else {
                    grants.put(opening, after);
                }
            });
            heldNow.forEach((client, count) -> {
                if (count == 0) {
                    held.remove(client);
                } else {
                    held.put(client, count);
                }
            });
            touched.clear();
            heldNow.clear();
            asked.clear();
            return new Committed(granted, gone);
        }

        private Grant remove(Client client, Opening opening) {
            Grant grant = touch(opening).remove(client);
            heldNow.put(client, held(client) - 1);
            return Objects.requireNonNull(grant);
        }

        private int held(Client client) {
            return heldNow.getOrDefault(client, held.getOrDefault(client, 0));
        }

        private Map<Client, Grant> behind(Opening opening) {
            return touched.getOrDefault(opening, committed(opening));
        }

        private Map<Client, Grant> touch(Opening opening) {
            return touched.computeIfAbsent(opening, o -> new HashMap<>(committed(o)));
        }

        private Map<Client, Grant> committed(Opening opening) {
            return grants.getOrDefault(opening, Map.of());
        }

        private void remember(Grant grant) {
            ends.computeIfAbsent(grant.until(), u -> new HashMap<>()).put(key(grant), grant);
        }

        private void forget(Grant grant) {
            ends.computeIfPresent(grant.until(), (until, ending) -> {
                ending.remove(key(grant));
                return ending.isEmpty() ? null : ending;
            });
        }

        private Key key(Grant grant) {
            return new Key(grant.client(), grant.opening());
        }
    }
}
