package io.openme.exec.backend;

import io.openme.spi.Change;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What is open, by our own count, and until when: so that a batch that does not fit is refused before the host has done a
 * part of it.
 */
public final class Ledger {
    /** Further than any lifetime of use, and safe to add to a clock of nanoseconds. */
    private static final Duration LONGEST = Duration.ofDays(36500);

    private final int limit;
    private final String wayOut;
    private final LongSupplier nanoTime;
    private final Map<Room, Map<Opening, Long>> rooms = new LinkedHashMap<>();

    /** What has a limit of its own. */
    private record Room(String service, boolean ipv4) {
        static Room of(Opening opening) {
            return new Room(opening.service(), opening.source() instanceof Inet4Address);
        }
    }

    /**
     * @param limit the most openings of a service in one family
     * @param wayOut what to do when there are more
     */
    public Ledger(int limit, String wayOut, LongSupplier nanoTime) {
        this.limit = limit;
        this.wayOut = wayOut;
        this.nanoTime = nanoTime;
    }

    /** The openings that are not over, with what is left of their lifetimes. */
    public Map<Opening, Duration> open() {
        long now = nanoTime.getAsLong();
        Map<Opening, Duration> open = new LinkedHashMap<>();
        rooms.values()
                .forEach(ofRoom -> ofRoom.forEach((opening, until) -> {
                    if (until - now > 0) {
                        open.put(opening, Duration.ofNanos(until - now));
                    }
                }));
        return open;
    }

    /**
     * What opens it all again, each for what is left of its lifetime: the time since it was entered, such as that of asking
     * the host, comes on top of none.
     */
    public List<Change.Open> opens() {
        return open().entrySet().stream()
                .map(entry -> new Change.Open(entry.getKey(), entry.getValue()))
                .toList();
    }

    /**
     * Makes sure that there is room for these changes, which name each opening once.
     *
     * @throws FirewallException if there is not
     */
    public void check(Collection<? extends Change> changes) {
        Map<Room, List<Change>> byRoom = new HashMap<>();
        changes.forEach(change -> byRoom.computeIfAbsent(Room.of(change.opening()), r -> new ArrayList<>())
                .add(change));
        byRoom.forEach((where, list) -> {
            Map<Opening, Long> there = room(where);
            if (sizeAfter(there, list) > limit) {
                long now = nanoTime.getAsLong();
                there.values().removeIf(until -> until - now <= 0);
                if (sizeAfter(there, list) > limit) {
                    throw new FirewallException(
                            Reason.REJECTED, "there are too many openings, more than " + limit + "; " + wayOut);
                }
            }
        });
    }

    /** Writes down what these changes have done. */
    public void enter(Collection<? extends Change> changes) {
        long now = nanoTime.getAsLong();
        for (Change change : changes) {
            Map<Opening, Long> there = room(Room.of(change.opening()));
            if (change instanceof Change.Open open) {
                Duration lifetime = open.lifetime().compareTo(LONGEST) < 0 ? open.lifetime() : LONGEST;
                there.put(open.opening(), now + lifetime.toNanos());
            } else {
                there.remove(change.opening());
            }
        }
    }

    /** Forgets everything. */
    public void clear() {
        rooms.clear();
    }

    private Map<Opening, Long> room(Room room) {
        return rooms.computeIfAbsent(room, r -> new LinkedHashMap<>());
    }

    private static int sizeAfter(Map<Opening, Long> there, List<Change> changes) {
        int size = there.size();
        for (Change change : changes) {
            boolean present = there.containsKey(change.opening());
            if (change instanceof Change.Open != present) {
                size += present ? -1 : change instanceof Change.Open ? 1 : 0;
            }
        }
        return size;
    }
}
