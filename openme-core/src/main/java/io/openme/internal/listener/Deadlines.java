package io.openme.internal.listener;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Who has to be done with what, and when.
 *
 * <p>All deadlines of a lane are equally long, so the order in which they were set is the order in which they come due:
 * setting, cancelling and expiring one takes constant time. Safe for several threads.
 */
final class Deadlines<T> {
    /** What a deadline is for. */
    enum Lane {
        /** The command has to be there. */
        KNOCK,
        /** Nothing came for a while after what may be a whole command. */
        QUIET,
        /** The decision has to be there. */
        ANSWER,
        /** The peer has to have taken the answer. */
        DRAIN,
        /** It failed or came too late, and is to be told so; it has nothing left to lose. */
        LOST;

        /** What a connection gets after this deadline to be ended with manners; empty if nothing. */
        Optional<Lane> next() {
            return switch (this) {
                case KNOCK -> Optional.of(LOST);
                case ANSWER -> Optional.of(DRAIN);
                case QUIET, DRAIN, LOST -> Optional.empty();
            };
        }
    }

    private final LongSupplier ticker;
    private final Map<Lane, Long> durations = new EnumMap<>(Lane.class);
    private final Map<Lane, Map<T, Long>> lanes = new EnumMap<>(Lane.class);

    /** Deadlines of these lengths, on a clock of nanoseconds such as {@link System#nanoTime}. */
    Deadlines(LongSupplier ticker, Map<Lane, Duration> durations) {
        this.ticker = ticker;
        durations.forEach((lane, duration) -> {
            this.durations.put(lane, duration.toNanos());
            lanes.put(lane, new LinkedHashMap<>());
        });
    }

    /** Sets the deadline from now on, anew if it was set. */
    synchronized void start(Lane lane, T who) {
        cancel(lane, who);
        lane(lane).put(who, ticker.getAsLong() + durations.getOrDefault(lane, 0L));
    }

    /** Sets this deadline from now on, and cancels all others. */
    synchronized void replace(Lane lane, T who) {
        start(lane, who);
        lanes.forEach((other, waiting) -> {
            if (other != lane) {
                waiting.remove(who);
            }
        });
    }

    synchronized void cancel(Lane lane, T who) {
        lane(lane).remove(who);
    }

    synchronized void cancelAll(T who) {
        lanes.values().forEach(lane -> lane.remove(who));
    }

    /** Removes who has waited longest in this lane, and returns it. */
    Optional<T> takeOldest(Lane lane) {
        return takeHeaviest(lane, 1, who -> 0);
    }

    /** Removes the heaviest of so many that have waited longest in this lane, of equals the oldest, and returns it. */
    synchronized Optional<T> takeHeaviest(Lane lane, int among, ToLongFunction<T> weight) {
        @Nullable T heaviest = null;
        long most = Long.MIN_VALUE;
        Iterator<T> oldest = lane(lane).keySet().iterator();
        for (int i = 0; i < among && oldest.hasNext(); i++) {
            T who = oldest.next();
            long weighs = weight.applyAsLong(who);
            if (weighs > most) {
                most = weighs;
                heaviest = who;
            }
        }
        if (heaviest != null) {
            lane(lane).remove(heaviest);
        }
        return Optional.ofNullable(heaviest);
    }

    /** Nanoseconds to the next deadline, 0 if it is over; empty if none is set. */
    synchronized OptionalLong untilNext() {
        long now = ticker.getAsLong();
        return lanes.values().stream()
                .flatMap(lane -> lane.values().stream().limit(1))
                .mapToLong(at -> Math.max(0, at - now))
                .min();
    }

    /**
     * Removes each deadline that is over, sets the next one of its lane, and reports it. Both are one step: who cancels or
     * replaces a deadline meanwhile finds the old one or the new one, and neither comes afterwards.
     */
    void expire(BiConsumer<Lane, T> report) {
        for (Lane lane : lanes.keySet()) {
            for (T who = overdue(lane); who != null; who = overdue(lane)) {
                report.accept(lane, who);
            }
        }
    }

    /** One at a time and without a list, so that an OutOfMemoryError between can't lose any. */
    private synchronized @Nullable T overdue(Lane lane) {
        Iterator<Map.Entry<T, Long>> entries = lane(lane).entrySet().iterator();
        if (!entries.hasNext()) {
            return null;
        }
        Map.Entry<T, Long> first = entries.next();
        if (first.getValue() - ticker.getAsLong() > 0) {
            return null;
        }
        T who = first.getKey();
        lane.next().ifPresent(next -> start(next, who));
        entries.remove();
        return who;
    }

    private Map<T, Long> lane(Lane lane) {
        Map<T, Long> found = lanes.get(lane);
        if (found == null) {
            throw new IllegalArgumentException("no duration was given for " + lane);
        }
        return found;
    }
}
