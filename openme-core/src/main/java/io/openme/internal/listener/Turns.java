package io.openme.internal.listener;

import io.openme.internal.net.Prefix;
import io.openme.internal.net.Source;
import io.openme.internal.net.Source.Level;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What waits, by where it comes from: the networks of a level take turns, and within each of them those of the next.
 *
 * <p>So the wait of a host is bounded by the number of providers, of sites at its own provider and of hosts at its own
 * site, not by what anybody has elsewhere.
 */
final class Turns<T> implements Waiting<T> {
    private final Level level;

    /** In the order of their turns; none is empty. Most have one part. */
    private final Map<Prefix, Waiting<T>> networks = new LinkedHashMap<>(2);

    Turns(Level level) {
        this.level = level;
    }

    @Override
    public boolean isEmpty() {
        return networks.isEmpty();
    }

    @Override
    public void add(Source from, T work) {
        Prefix prefix = from.at(level);
        Waiting<T> network = networks.get(prefix);
        if (network == null) {
            // Filled before it is there: when memory runs out between, no empty one gets a turn.
            Waiting<T> fresh = parts();
            fresh.add(from, work);
            networks.put(prefix, fresh);
        } else {
            network.add(from, work);
        }
    }

    private Waiting<T> parts() {
        @Nullable Level inner = level.parts();
        return inner == null ? new Line<>() : new Turns<>(inner);
    }

    @Override
    public T poll() {
        Iterator<Map.Entry<Prefix, Waiting<T>>> first = networks.entrySet().iterator();
        Map.Entry<Prefix, Waiting<T>> turn = first.next();
        Waiting<T> network = turn.getValue();
        T work = network.poll();
        first.remove();
        if (!network.isEmpty()) {
            networks.put(turn.getKey(), network);
        }
        return work;
    }

    @Override
    public void remove(Source from, T work) {
        Prefix prefix = from.at(level);
        Waiting<T> network = networks.get(prefix);
        if (network != null) {
            network.remove(from, work);
            if (network.isEmpty()) {
                networks.remove(prefix);
            }
        }
    }

    @Override
    public void clear() {
        networks.clear();
    }

    /** What waits of one host, in its order. */
    private static final class Line<T> implements Waiting<T> {
        // Most hosts have one thing waiting; a default deque would take 16 places.
        private final ArrayDeque<T> line = new ArrayDeque<>(2);

        @Override
        public boolean isEmpty() {
            return line.isEmpty();
        }

        @Override
        public void add(Source from, T work) {
            line.add(work);
        }

        @Override
        public T poll() {
            return line.remove();
        }

        @Override
        public void remove(Source from, T work) {
            line.remove(work);
        }

        @Override
        public void clear() {
            line.clear();
        }
    }
}
