package io.openme.internal.listener;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Counts who is connected, in all and for each prefix. Safe for several threads. */
final class Census<T> {
    private final int most;
    private final int mostPerPrefix;
    private final Set<T> present = new HashSet<>();
    private final Map<Prefix, Integer> perPrefix = new HashMap<>();

    Census(int most, int mostPerPrefix) {
        this.most = most;
        this.mostPerPrefix = mostPerPrefix;
    }

    synchronized boolean full() {
        return present.size() >= most;
    }

    synchronized boolean full(Prefix prefix) {
        return perPrefix.getOrDefault(prefix, 0) >= mostPerPrefix;
    }

    synchronized void enter(Prefix prefix, T who) {
        try {
            if (present.add(who)) {
                perPrefix.merge(prefix, 1, Integer::sum);
            }
        } catch (Throwable e) {
            // For want of memory. Half counted, it would count for its prefix forever, or be counted off for another.
            present.remove(who);
            throw e;
        }
    }

    synchronized void leave(Prefix prefix, T who) {
        if (present.remove(who)) {
            perPrefix.computeIfPresent(prefix, (p, count) -> count == 1 ? null : count - 1);
            notifyAll();
        }
    }

    synchronized int size() {
        return present.size();
    }

    /** Who is connected now. */
    synchronized List<T> present() {
        return new ArrayList<>(present);
    }

    /** Waits until nobody is connected, at most this long. */
    synchronized void awaitNobody(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        for (long left = atMost.toNanos(); !present.isEmpty() && left > 0; left = end - System.nanoTime()) {
            wait(left / 1_000_000 + 1);
        }
    }
}
