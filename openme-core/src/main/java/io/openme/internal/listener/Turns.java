package io.openme.internal.listener;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What waits, served by source: networks of providers take turns, within each its networks, within each its prefixes. So who
 * has a thousand prefixes waits for his own as well, since they are near one another.
 *
 * <p>A network that comes anew and has had nothing in this round goes before those that have more waiting than one thing: who
 * knocks once does not wait until each of a thousand floods had its turn. Not thread-safe. All operations take constant time,
 * but for {@link #remove}, which is linear in what waits behind one prefix.
 */
final class Turns<T> {
    /** Without such an end, ever new networks would lock out those that wait. */
    static final int NEWCOMERS_IN_A_ROW = 16;

    /** A round is over then at the latest; remembering more would take memory for nothing. */
    private static final int MOST_SERVED = 4096;

    private final int level;
    // What waits is at the last level. Most prefixes have one thing waiting; a default deque would take 16 places.
    private final ArrayDeque<T> waiting = new ArrayDeque<>(2);
    // The rest is at the levels above it, which are fewer.
    private final Map<Prefix, Turns<T>> newcomers;
    private final Map<Prefix, Turns<T>> others;
    private final Set<Prefix> served;
    private int leftInRound;
    private int inARow;

    /** @param level 0 for all; a network of level n has networks of level n + 1 */
    Turns(int level) {
        boolean last = level == Prefix.LEVELS;
        this.level = level;
        this.newcomers = last ? Map.of() : new LinkedHashMap<>(2);
        this.others = last ? Map.of() : new LinkedHashMap<>(2);
        this.served = last ? Set.of() : new HashSet<>(2);
    }

    boolean isEmpty() {
        return waiting.isEmpty() && newcomers.isEmpty() && others.isEmpty();
    }

    void add(Prefix prefix, T work) {
        if (level == Prefix.LEVELS) {
            waiting.add(work);
            return;
        }
        Prefix network = prefix.network(level);
        Turns<T> inner = find(network);
        if (inner == null) {
            inner = new Turns<>(level + 1);
            (served.contains(network) ? others : newcomers).put(network, inner);
        }
        inner.add(prefix, work);
    }

    /** Takes the next one; there must be one. */
    T poll() {
        if (level == Prefix.LEVELS) {
            return waiting.remove();
        }
        boolean anew = others.isEmpty() || (!newcomers.isEmpty() && inARow < NEWCOMERS_IN_A_ROW);
        inARow = anew ? inARow + 1 : 0;
        Iterator<Map.Entry<Prefix, Turns<T>>> first =
                (anew ? newcomers : others).entrySet().iterator();
        Map.Entry<Prefix, Turns<T>> turn = first.next();
        Turns<T> inner = turn.getValue();
        T work = inner.poll();
        first.remove();
        if (!inner.isEmpty()) {
            others.put(turn.getKey(), inner);
        }
        count(turn.getKey(), anew);
        return work;
    }

    /** A round is over when each that waited at its beginning had its turn. */
    private void count(Prefix network, boolean anew) {
        served.add(network);
        leftInRound -= anew ? 0 : 1;
        if (leftInRound <= 0 || served.size() > MOST_SERVED) {
            served.clear();
            leftInRound = others.size();
        }
    }

    void remove(Prefix prefix, T work) {
        if (level == Prefix.LEVELS) {
            waiting.remove(work);
            return;
        }
        Prefix network = prefix.network(level);
        Turns<T> inner = find(network);
        if (inner != null) {
            inner.remove(prefix, work);
            if (inner.isEmpty()) {
                newcomers.remove(network);
                others.remove(network);
            }
        }
    }

    private @Nullable Turns<T> find(Prefix network) {
        Turns<T> found = newcomers.get(network);
        return found == null ? others.get(network) : found;
    }

    /** Drops everything. Only for level 0. */
    void clear() {
        newcomers.clear();
        others.clear();
        served.clear();
    }
}
