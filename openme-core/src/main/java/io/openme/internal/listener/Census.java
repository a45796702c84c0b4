package io.openme.internal.listener;

import io.openme.internal.listener.Crowd.Standing;
import io.openme.internal.net.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Counts who is connected, in all and from each network, and says who goes when there is no room. Safe for several
 * threads.
 */
final class Census<T> {
    private final Crowd<T> all;

    /** Each with the crowd of its host. */
    private final Map<T, Crowd<T>> present = new HashMap<>();

    Census(Limits limits) {
        this.all = new Crowd<>(limits);
    }

    /** How many have room in all. */
    int places() {
        return all.most();
    }

    synchronized boolean hasRoom(Source newcomer) {
        return all.full(newcomer).isEmpty();
    }

    /** Whether a network around this newcomer is full, not only the whole. */
    synchronized boolean hasEnoughFrom(Source newcomer) {
        return all.full(newcomer).filter(crowd -> crowd != all).isPresent();
    }

    /** Takes in a newcomer. */
    synchronized void enter(Source source, T who) {
        Crowd<T> host = all.ofHost(source);
        try {
            for (Crowd<T> crowd = host; crowd != null; crowd = crowd.around()) {
                crowd.place(who, Standing.SILENT);
            }
            present.put(who, host);
        } catch (Throwable e) {
            // For want of memory. Half counted, it would count for its networks forever.
            remove(host, who, 0);
            throw e;
        }
        for (Crowd<T> crowd = host; crowd != null; crowd = crowd.around()) {
            crowd.count(1);
        }
        compare(host);
    }

    /** Says what somebody who is connected is to us now; the last to become it goes last. */
    synchronized void place(T who, Standing standing) {
        Crowd<T> host = present.get(who);
        for (Crowd<T> crowd = host; crowd != null; crowd = crowd.around()) {
            crowd.place(who, standing);
        }
        compare(host);
    }

    synchronized void leave(T who) {
        Crowd<T> host = present.remove(who);
        if (host != null) {
            remove(host, who, 1);
            notifyAll();
            compare(host);
        }
    }

    private void remove(Crowd<T> host, T who, int count) {
        for (Crowd<T> crowd = host; crowd != null; crowd = crowd.around()) {
            crowd.place(who, Standing.HEARD);
            crowd.count(-count);
            crowd.dropIfEmpty();
        }
    }

    private void compare(@Nullable Crowd<T> host) {
        for (Crowd<T> crowd = host; crowd != null; crowd = crowd.around()) {
            crowd.compare();
        }
    }

    /**
     * Takes out who has to go so that this newcomer has room, from the narrowest network around it that is full: nobody
     * makes room for who has enough neighbours already. Empty if all of that network have given their commands.
     */
    synchronized Optional<T> inTheWayOf(Source newcomer) {
        return takeFirst(all.full(newcomer).orElse(all));
    }

    /** Takes out who has to go when there is too little for all. */
    synchronized Optional<T> first() {
        return takeFirst(all);
    }

    private Optional<T> takeFirst(Crowd<T> crowd) {
        Optional<T> first = crowd.first();
        // Who is not gone by the next time is on its way, and another one can make room.
        first.ifPresent(who -> place(who, Standing.HEARD));
        return first;
    }

    synchronized int size() {
        return present.size();
    }

    /** Who is connected now. */
    synchronized List<T> present() {
        return new ArrayList<>(present.keySet());
    }

    /** Waits until nobody is connected, at most this long. */
    synchronized void awaitNobody(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        for (long left = atMost.toNanos(); !present.isEmpty() && left > 0; left = end - System.nanoTime()) {
            wait(left / 1_000_000 + 1);
        }
    }
}
