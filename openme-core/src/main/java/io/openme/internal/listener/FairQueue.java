package io.openme.internal.listener;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits for a worker, served round-robin by source prefix: who sends a thousand ClientHellos waits for his own.
 *
 * <p>First the networks of providers take turns, then those within each, then the prefixes: who has a thousand prefixes waits
 * for his own as well, since they are near one another.
 *
 * <p>Work on connections that have begun goes before new ones, since what was spent on them is lost when they time out;
 * but after {@link #STARTED_IN_A_ROW} of it a new one gets its turn. Safe for several threads. All operations take
 * constant time, but for {@link #remove}, which is linear in what waits behind one prefix.
 */
final class FairQueue<T> {
    /** Without such an end, peers that keep their begun connections busy would lock every new one out. */
    static final int STARTED_IN_A_ROW = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Ring<T> started = new Ring<>(0);
    private final Ring<T> fresh = new Ring<>(0);
    private int inARow;
    private boolean closed;

    /** Adds work; {@code begun} tells that the connection has begun. Nothing is taken in any more after a close. */
    void add(Prefix prefix, T work, boolean begun) {
        lock.lock();
        try {
            if (!closed) {
                (begun ? started : fresh).add(prefix, work);
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Drops work that waits, if it does. */
    void remove(Prefix prefix, T work) {
        lock.lock();
        try {
            fresh.remove(prefix, work);
            started.remove(prefix, work);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for work and takes it; empty once this is closed. */
    Optional<T> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && started.isEmpty() && fresh.isEmpty()) {
                changed.await();
            }
            if (closed) {
                return Optional.empty();
            }
            boolean begun = fresh.isEmpty() || (!started.isEmpty() && inARow < STARTED_IN_A_ROW);
            inARow = begun ? inARow + 1 : 0;
            return Optional.of((begun ? started : fresh).poll());
        } finally {
            lock.unlock();
        }
    }

    /** Drops everything and lets the takers go. */
    void close() {
        lock.lock();
        try {
            closed = true;
            started.clear();
            fresh.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Networks in the order of their turns, each with smaller ones that take turns within it, down to a prefix. */
    private static final class Ring<T> {
        private final int level;
        private final Map<Prefix, Ring<T>> networks = new LinkedHashMap<>(2);
        // Most prefixes have one thing waiting; a default deque would take 16 places.
        private final ArrayDeque<T> waiting = new ArrayDeque<>(2);

        Ring(int level) {
            this.level = level;
        }

        boolean isEmpty() {
            return networks.isEmpty() && waiting.isEmpty();
        }

        void add(Prefix prefix, T work) {
            if (level == Prefix.LEVELS) {
                waiting.add(work);
            } else {
                networks.computeIfAbsent(prefix.network(level), p -> new Ring<>(level + 1))
                        .add(prefix, work);
            }
        }

        T poll() {
            if (level == Prefix.LEVELS) {
                return waiting.remove();
            }
            Iterator<Map.Entry<Prefix, Ring<T>>> first = networks.entrySet().iterator();
            Map.Entry<Prefix, Ring<T>> turn = first.next();
            Ring<T> inner = turn.getValue();
            T work = inner.poll();
            first.remove();
            if (!inner.isEmpty()) {
                networks.put(turn.getKey(), inner);
            }
            return work;
        }

        void remove(Prefix prefix, T work) {
            waiting.remove(work);
            Ring<T> inner = level == Prefix.LEVELS ? null : networks.get(prefix.network(level));
            if (inner != null) {
                inner.remove(prefix, work);
                if (inner.isEmpty()) {
                    networks.remove(prefix.network(level));
                }
            }
        }

        void clear() {
            networks.clear();
        }
    }
}
