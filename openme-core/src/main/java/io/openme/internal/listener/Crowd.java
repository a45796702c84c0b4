package io.openme.internal.listener;

import io.openme.internal.net.Prefix;
import io.openme.internal.net.Source;
import io.openme.internal.net.Source.Level;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Who is connected from one network, or from anywhere, and who of them has to go first. Belongs to a {@link Census}. */
final class Crowd<T> {
    /** What somebody who is connected is to us. */
    enum Standing {
        /** Has not even sent a ClientHello yet, which a client does as soon as it is connected. */
        SILENT,
        /** Has sent one, and no command yet. */
        GREETED,
        /** Has failed, or came too late, and is being told so. */
        FAILED,
        /** Has given a command. */
        HEARD
    }

    /**
     * Below this part of what a network may have it counts as no crowd, and age decides instead of size: else a provider
     * with five honest clients at once would lose them to a thousand networks with one hostile connection each.
     */
    private static final int CROWDED = 32;

    private final Limits limits;
    private final @Nullable Crowd<T> around;
    private final Optional<Prefix> network;
    private final int most;
    private final @Nullable Level partLevel;
    private final Map<Prefix, Crowd<T>> parts = new HashMap<>(2);
    private final TreeSet<Crowd<T>> bySize = new TreeSet<>(
            Comparator.<Crowd<T>>comparingInt(part -> part.rank).thenComparing(part -> part.network.orElseThrow()));

    // In the order of their age.
    private final Set<T> failed = new LinkedHashSet<>(2);
    private final Set<T> silent = new LinkedHashSet<>(2);
    private final Set<T> greeted = new LinkedHashSet<>(2);
    private int size;
    private int rank;

    /** Everybody. */
    Crowd(Limits limits) {
        this(limits, null, Optional.empty(), limits.connections(), Level.PROVIDER);
    }

    private Crowd(
            Limits limits, @Nullable Crowd<T> around, Optional<Prefix> network, int most, @Nullable Level partLevel) {
        this.limits = limits;
        this.around = around;
        this.network = network;
        this.most = most;
        this.partLevel = partLevel;
    }

    /** That of the next wider network; null if this is everybody. */
    @Nullable
    Crowd<T> around() {
        return around;
    }

    /** How many it may be. */
    int most() {
        return most;
    }

    boolean isFull() {
        return size >= most;
    }

    /** The crowd of this host, which is made if need be. */
    Crowd<T> ofHost(Source source) {
        Crowd<T> crowd = this;
        for (Level level = partLevel; level != null; level = level.parts()) {
            Level inner = level;
            Crowd<T> outer = crowd;
            crowd = outer.parts.computeIfAbsent(
                    source.at(level),
                    prefix -> new Crowd<>(limits, outer, Optional.of(prefix), limits.most(inner), inner.parts()));
        }
        return crowd;
    }

    /** The narrowest network around this source that can take nobody in; empty if there is room. */
    Optional<Crowd<T>> full(Source source) {
        Optional<Crowd<T>> full = Optional.empty();
        for (Crowd<T> crowd = this; crowd != null; crowd = crowd.part(source)) {
            full = crowd.isFull() ? Optional.of(crowd) : full;
        }
        return full;
    }

    private @Nullable Crowd<T> part(Source source) {
        return partLevel == null ? null : parts.get(source.at(partLevel));
    }

    /** Counts in or off. Asks for no memory, so that it does not fail. */
    void count(int more) {
        size += more;
    }

    /** Needs no memory for who is heard. */
    void place(T who, Standing standing) {
        failed.remove(who);
        silent.remove(who);
        greeted.remove(who);
        switch (standing) {
            case SILENT -> silent.add(who);
            case GREETED -> greeted.add(who);
            case FAILED -> failed.add(who);
            case HEARD -> {}
        }
    }

    /** Lets the wider network forget this one if it is empty. Asks for no memory. */
    void dropIfEmpty() {
        if (around != null && size == 0) {
            around.bySize.remove(this);
            network.ifPresent(around.parts::remove);
        }
    }

    /** Lets the wider network see how large this is. If memory runs out, that sees it the next time. */
    void compare() {
        if (around != null && size > 0 && rank != strangers()) {
            around.bySize.remove(this);
            rank = strangers();
            around.bySize.add(this);
        }
    }

    /**
     * Who has to go for a newcomer; empty if nobody can be asked to.
     *
     * <p>First goes who has failed. It could only be told so, and whoever wants to fail can do so by the thousand: those
     * must not outlive who is still at it. Next goes the oldest without a command of the largest crowd among the largest
     * crowd, so that a knock gets through as long as it is faster than a whole generation of hostile connections of its
     * own network. Those who have sent a ClientHello and those who have not keep half of the places each against the
     * others: to connect costs next to nothing, and whoever could do so often enough would push out all who are in their handshake.
     */
    Optional<T> first() {
        Crowd<T> crowd = this;
        while (!crowd.bySize.isEmpty() && crowd.bySize.last().isCrowd()) {
            crowd = crowd.bySize.last();
        }
        Set<T> more = crowd.silent.size() < crowd.greeted.size() ? crowd.greeted : crowd.silent;
        return (failed.isEmpty() ? more : failed).stream().findFirst();
    }

    private boolean isCrowd() {
        return strangers() > most / CROWDED;
    }

    /** How many have not given a command. */
    private int strangers() {
        return silent.size() + greeted.size();
    }
}
