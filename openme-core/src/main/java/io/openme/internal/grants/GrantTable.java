package io.openme.internal.grants;

import io.openme.doorman.Client;
import io.openme.protocol.Refusal;
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
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * All live grants, and what they mean for the firewall.
 *
 * <p>An opening is wanted while at least one grant stands behind it, until the last of their ends. A {@link Transaction}
 * collects what should change, tells the {@link Change}s that bring the firewall there, and becomes true only when it is
 * committed: what the firewall refused never happened here either. It becomes true as a whole, also where the JVM runs out
 * of memory meanwhile.
 *
 * <p>A state machine: no thread, no clock; not safe for use by several threads. One transaction is open at a time.
 */
public final class GrantTable {
    private final Map<Opening, Map<Client, Grant>> grants = new HashMap<>();
    /** This and the next only tell in another order what the grants say, and are made anew from them where torn. */
    private final Ends ends;

    private final Map<Client, Set<Opening>> held = new HashMap<>();
    private final int mostPerClient;
    private boolean torn;

    /**
     * An empty table.
     *
     * @param mostPerClient how many grants one client may hold at once; at least 1. It bounds the memory that a client
     *     can take
     */
    public GrantTable(int mostPerClient) {
        this(mostPerClient, new Ends());
    }

    GrantTable(int mostPerClient, Ends ends) {
        if (mostPerClient < 1) {
            throw new IllegalArgumentException(
                    "a client must be able to hold at least one grant, not " + mostPerClient);
        }
        this.mostPerClient = mostPerClient;
        this.ends = ends;
    }

    /** Begins a transaction; one that was begun before and not committed is void. */
    public Transaction begin() {
        if (torn) {
            mend();
        }
        return new Transaction();
    }

    /** When the next grant ends; long ago while that is not known, which the next transaction finds out. */
    public Optional<Instant> nextEnd() {
        return torn ? Optional.of(Instant.EPOCH) : ends.first();
    }

    /** How many openings are wanted. */
    public int openings() {
        return grants.size();
    }

    private void mend() {
        ends.clear();
        held.clear();
        grants.values().removeIf(Map::isEmpty);
        for (Map<Client, Grant> behind : grants.values()) {
            for (Grant grant : behind.values()) {
                ends.add(grant);
                held.computeIfAbsent(grant.client(), c -> new HashSet<>()).add(grant.opening());
            }
        }
        torn = false;
    }

    private static Optional<Instant> endAfter(Instant now, Collection<Grant> behind) {
        return end(behind).filter(now::isBefore);
    }

    private static Optional<Instant> end(Collection<Grant> behind) {
        return behind.stream().map(Grant::until).max(Comparator.naturalOrder());
    }

    /**
     * What a client asks for at once.
     *
     * @param client who
     * @param openings what
     * @param until the end of each
     * @param guest whether the client named the address, rather than come from it
     * @param mostAddresses for how many addresses it may hold grants, all of them counted
     * @param replaced what closes in the same step, where the client holds it, and does not count any more
     * @param onlyHeld whether it is to prolong what the client holds, and nothing else
     */
    public record Wish(
            Client client,
            Collection<Opening> openings,
            Instant until,
            boolean guest,
            OptionalInt mostAddresses,
            Collection<Opening> replaced,
            boolean onlyHeld) {
        /** Openings that the client may have beside all that it holds. */
        public Wish(Client client, Collection<Opening> openings, Instant until) {
            this(client, openings, until, false, OptionalInt.empty(), List.of(), false);
        }
    }

    /**
     * What became of a wish.
     *
     * @param refusal why nothing of it is in the transaction; empty if it is
     * @param renewal whether the client held all of it already
     * @param replaced the grants that it took back
     */
    public record Fit(Optional<Refusal> refusal, boolean renewal, List<Grant> replaced) {
        private static Fit refused(Refusal why) {
            return new Fit(Optional.of(why), false, List.of());
        }
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
        /** How many grants more, or fewer, a client holds than is committed. */
        private final Map<Client, Integer> more = new HashMap<>();

        private final Set<Opening> asked = new HashSet<>();

        private Transaction() {}

        /** Grants what a client wishes, or renews it. */
        public Fit open(Wish wish) {
            Client client = wish.client;
            long renewed = wish.openings.stream().filter(o -> holds(client, o)).count();
            boolean renewal = renewed == wish.openings.size();
            if (wish.onlyHeld && !renewal) {
                return Fit.refused(Refusal.NOT_HELD);
            }
            Predicate<Opening> goes = o -> wish.replaced.contains(o) && !wish.openings.contains(o);
            long going = wish.replaced.stream()
                    .filter(o -> goes.test(o) && holds(client, o))
                    .count();
            if (count(client) - going + wish.openings.size() - renewed > mostPerClient) {
                return Fit.refused(Refusal.TOO_MANY_GRANTS);
            }
            if (wish.mostAddresses.isPresent()) {
                long after = addresses(client, goes, wish.openings);
                // Who holds more since the policy allows less may renew, but have no more.
                if (after > wish.mostAddresses.getAsInt() && after > addresses(client, o -> false, List.of())) {
                    return Fit.refused(Refusal.TOO_MANY_ADDRESSES);
                }
            }
            List<Grant> replaced = going == 0 ? List.of() : close(client, goes);
            for (Opening opening : wish.openings) {
                if (touch(opening).put(client, new Grant(client, opening, wish.until, wish.guest)) == null) {
                    more.merge(client, 1, Integer::sum);
                }
                asked.add(opening);
            }
            return new Fit(Optional.empty(), renewal, replaced);
        }

        /**
         * Takes over a grant of an earlier run.
         *
         * @return false if the client would hold too many
         */
        public boolean take(Grant grant) {
            return open(new Wish(
                            grant.client(),
                            List.of(grant.opening()),
                            grant.until(),
                            grant.guest(),
                            OptionalInt.empty(),
                            List.of(),
                            false))
                    .refusal()
                    .isEmpty();
        }

        /**
         * Takes those of the client's own grants back whose opening is one of these.
         *
         * @return the grants taken back
         */
        public List<Grant> close(Client client, Predicate<Opening> which) {
            return held(client).filter(which).toList().stream()
                    .map(opening -> remove(client, opening))
                    .toList();
        }

        /**
         * Lets this grant end then, if it is still as it was.
         *
         * @param until not later than it would; empty takes it back
         * @return whether it was still as it was
         */
        public boolean revise(Grant grant, Optional<Instant> until) {
            if (!grant.equals(behind(grant.opening()).get(grant.client()))) {
                return false;
            }
            if (until.isEmpty()) {
                remove(grant.client(), grant.opening());
            } else {
                touch(grant.opening()).put(grant.client(), grant.until(until.get()));
            }
            return true;
        }

        /**
         * Takes back every grant that has ended.
         *
         * @return the grants taken back, those that ended first first
         */
        public List<Grant> expire(Instant now) {
            List<Grant> expired = new ArrayList<>();
            for (Grant grant : ends.until(now)) {
                // This transaction may have renewed or closed it already.
                if (grant.equals(behind(grant.opening()).get(grant.client()))) {
                    expired.add(remove(grant.client(), grant.opening()));
                }
            }
            return expired;
        }

        /**
         * What brings a firewall from the committed state to this one. What has ended by {@code now} is not open. What a
         * client asked for is in it even if it should be there already: somebody may have taken it away, and the client is
         * told that it is there.
         */
        public List<Change> changes(Instant now) {
            List<Change> changes = new ArrayList<>();
            touched.forEach((opening, after) -> {
                Optional<Instant> was = end(committed(opening).values());
                Optional<Instant> is = endAfter(now, after.values());
                if (is.isPresent() && (asked.contains(opening) || !is.equals(was))) {
                    changes.add(new Change.Open(opening, Duration.between(now, is.get())));
                } else if (is.isEmpty() && was.isPresent()) {
                    changes.add(new Change.Close(opening));
                }
            });
            return changes;
        }

        /** Everything that should be open in this state; what has ended by {@code now} should not. */
        public List<Change.Open> openings(Instant now) {
            List<Change.Open> openings = new ArrayList<>();
            grants.forEach((opening, behind) -> {
                if (!touched.containsKey(opening)) {
                    open(opening, behind, now).ifPresent(openings::add);
                }
            });
            touched.forEach((opening, behind) -> open(opening, behind, now).ifPresent(openings::add));
            return openings;
        }

        private Optional<Change.Open> open(Opening opening, Map<Client, Grant> behind, Instant now) {
            return endAfter(now, behind.values()).map(e -> new Change.Open(opening, Duration.between(now, e)));
        }

        /** Makes it true; what that changed. Whatever it throws, nothing has changed then. */
        public Committed commit() {
            List<Grant> granted = new ArrayList<>();
            List<Grant> gone = new ArrayList<>();
            List<Grant> before = new ArrayList<>();
            touched.forEach((opening, after) -> {
                Map<Client, Grant> was = committed(opening);
                was.values().stream()
                        .filter(g -> !after.containsKey(g.client()))
                        .forEach(gone::add);
                after.values().stream()
                        .filter(g -> !g.equals(was.get(g.client())))
                        .forEach(granted::add);
                before.addAll(was.values());
            });
            Committed committed = new Committed(granted, gone);
            Opening[] openings = touched.keySet().toArray(new Opening[0]);
            List<Map<Client, Grant>> after = new ArrayList<>();
            torn = true;
            for (Opening each : openings) {
                grants.putIfAbsent(each, Map.of());
                after.add(behind(each));
            }
            // Every key is there, so this takes no memory and can't fail in the middle.
            for (int i = 0; i < openings.length; i++) {
                grants.put(openings[i], after.get(i));
            }
            try {
                index(before, after, committed);
                torn = false;
            } catch (Throwable e) {
                // It is true all the same; the next transaction makes the indexes anew.
            }
            return committed;
        }

        private void index(List<Grant> before, List<Map<Client, Grant>> after, Committed committed) {
            before.forEach(ends::remove);
            after.forEach(behind -> behind.values().forEach(ends::add));
            for (Grant grant : committed.gone) {
                held.computeIfPresent(grant.client(), (c, openings) -> {
                    openings.remove(grant.opening());
                    return openings.isEmpty() ? null : openings;
                });
            }
            for (Grant grant : committed.granted) {
                held.computeIfAbsent(grant.client(), c -> new HashSet<>()).add(grant.opening());
            }
            touched.forEach((opening, behind) -> {
                if (behind.isEmpty()) {
                    grants.remove(opening);
                }
            });
            touched.clear();
            more.clear();
            asked.clear();
        }

        private Grant remove(Client client, Opening opening) {
            Grant grant = touch(opening).remove(client);
            more.merge(client, -1, Integer::sum);
            return Objects.requireNonNull(grant);
        }

        private boolean holds(Client client, Opening opening) {
            return behind(opening).containsKey(client);
        }

        private int count(Client client) {
            return held.getOrDefault(client, Set.of()).size() + more.getOrDefault(client, 0);
        }

        private Stream<Opening> held(Client client) {
            Set<Opening> committed = held.getOrDefault(client, Set.of());
            return Stream.concat(committed.stream(), touched.keySet().stream().filter(o -> !committed.contains(o)))
                    .filter(o -> holds(client, o));
        }

        private long addresses(Client client, Predicate<Opening> without, Collection<Opening> with) {
            return Stream.concat(held(client).filter(without.negate()), with.stream())
                    .map(Opening::source)
                    .distinct()
                    .count();
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
    }
}
