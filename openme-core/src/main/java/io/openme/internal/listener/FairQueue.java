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
 * <p>Work on connections that have begun goes before new ones, since what was spent on them is lost when they time out;
 * but after {@link #STARTED_IN_A_ROW} of it a new one gets its turn. Safe for several threads. All operations take
 * constant time, but for {@link #remove}, which is linear in what waits behind one prefix.
 */
final class FairQueue<T> {
    /** Without such an end, peers that keep their begun connections busy would lock every new one out. */
    static final int STARTED_IN_A_ROW = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Ring<T> started = new Ring<>();
    private final Ring<T> fresh = new Ring<>();
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

    /** The prefixes in the order of their turns, each with what waits behind it. */
    private static final class Ring<T> {
        private final Map<Prefix, ArrayDeque<T>> turns = new LinkedHashMap<>();

        boolean isEmpty() {
            return turns.isEmpty();
        }

        void add(Prefix prefix, T work) {
            // Most prefixes have one thing waiting; a default deque would take 16 places.
            turns.computeIfAbsent(prefix, p -> new ArrayDeque<>(2)).add(work);
        }

        T poll() {
            Iterator<Map.Entry<Prefix, ArrayDeque<T>>> first = turns.entrySet().iterator();
            Map.Entry<Prefix, ArrayDeque<T>> turn = first.next();
            ArrayDeque<T> waiting = turn.getValue();
            T work = waiting.remove();
            first.remove();
            if (!waiting.isEmpty()) {
                turns.put(turn.getKey(), waiting);
            }
            return work;
        }

        void remove(Prefix prefix, T work) {
            ArrayDeque<T> waiting = turns.get(prefix);
            if (waiting != null && waiting.remove(work) && waiting.isEmpty()) {
                turns.remove(prefix);
            }
        }

        void clear() {
            turns.clear();
        }
    }
}
