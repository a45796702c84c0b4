package io.openme.internal.listener;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Counts who is connected, in all and for each prefix. Safe for several threads. */
final class Census<T> {
    private final int most;
    private final int mostPerPrefix;
    private final Set<T> present = new HashSet<>();
    private final List<Map<Prefix, Integer>> perNetwork = IntStream.range(0, Prefix.LEVELS)
            .<Map<Prefix, Integer>>mapToObj(level -> new HashMap<>())
            .toList();

    Census(int most, int mostPerPrefix) {
        this.most = most;
        this.mostPerPrefix = mostPerPrefix;
    }

    synchronized boolean full() {
        return present.size() >= most;
    }

    synchronized boolean full(Prefix prefix) {
        return count(prefix, Prefix.LEVELS - 1) >= mostPerPrefix;
    }

    /** How many are connected of this prefix and of the networks around it, all added up: 3 for who is there alone. */
    synchronized int neighbours(Prefix prefix) {
        return IntStream.range(0, Prefix.LEVELS)
                .map(level -> count(prefix, level))
                .sum();
    }

    private int count(Prefix prefix, int level) {
        return perNetwork.get(level).getOrDefault(prefix.network(level), 0);
    }

    synchronized void enter(Prefix prefix, T who) {
        int level = 0;
        try {
            if (present.add(who)) {
                for (; level < Prefix.LEVELS; level++) {
                    perNetwork.get(level).merge(prefix.network(level), 1, Integer::sum);
                }
            }
        } catch (Throwable e) {
            // For want of memory. Half counted, it would count for its prefix forever, or be counted off for another.
            present.remove(who);
            while (level > 0) {
                level--;
                countOff(prefix, level);
            }
            throw e;
        }
    }

    synchronized void leave(Prefix prefix, T who) {
        if (present.remove(who)) {
            for (int level = 0; level < Prefix.LEVELS; level++) {
                countOff(prefix, level);
            }
            notifyAll();
        }
    }

    private void countOff(Prefix prefix, int level) {
        perNetwork.get(level).computeIfPresent(prefix.network(level), (p, count) -> count == 1 ? null : count - 1);
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
