package io.openme.internal.listener;

import io.openme.internal.net.Source;
import io.openme.internal.net.Source.Level;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits for a worker, served in turns by where it comes from: who sends a thousand ClientHellos waits for his own.
 *
 * <p>Work on connections that have begun goes before new ones, since what was spent on them is lost when they time out;
 * but after {@link #STARTED_IN_A_ROW} of it a new one gets its turn. Nothing waits twice. Safe for several threads. All
 * operations take constant time.
 */
final class FairQueue<T> {
    /** Without such an end, peers that keep their begun connections busy would lock every new one out. */
    static final int STARTED_IN_A_ROW = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Waiting<T> started = new Turns<>(Level.PROVIDER);
    private final Waiting<T> fresh = new Turns<>(Level.PROVIDER);
    private int inARow;
    private boolean closed;

    /** Adds work; {@code begun} tells that the connection has begun. Nothing is taken in any more after a close. */
    void add(Source from, T work, boolean begun) {
        lock.lock();
        try {
            if (!closed) {
                (begun ? started : fresh).add(from, work);
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Drops work that waits, if it does. */
    void remove(Source from, T work) {
        lock.lock();
        try {
            fresh.remove(from, work);
            started.remove(from, work);
        } finally {
            lock.unlock();
        }
    }

    /** Sends everybody round who waits for work. */
    void rouse() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for work and takes it; empty once this is closed.
     *
     * @param round run each time that the caller looks for work
     */
    Optional<T> take(Runnable round) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            round.run();
            while (!closed && started.isEmpty() && fresh.isEmpty()) {
                changed.await();
                round.run();
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
}
