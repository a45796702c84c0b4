package io.openme.internal.listener;

import io.openme.internal.net.Prefix;
import io.openme.internal.net.Source;
import io.openme.internal.net.Source.Level;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What waits, by where it comes from: the networks of a level take turns, and within each of them those of the next.
 *
 * <p>So the wait of a host is bounded by the number of providers, of sites at its own provider and of hosts at its own
 * site, not by what anybody has elsewhere. And it is mostly short: the first {@link #EARLY} turns of a network are among
 * those of newcomers only, not behind everybody who has been sending all the time. These are the sparse flows of RFC 8290
 * (section 4.2), but neither kind locks out the other: the newcomers' share is by their number, half at the least. Who had
 * a turn is no newcomer again before it wanted nothing when it would have had its next one.
 *
 * <p>When memory runs out in one of its methods, whatever waited still has its turn.
 */
final class Turns<T> implements Waiting<T> {
    /** What a knock takes after its ClientHello at the most: the end of the handshake, command, decision, and farewell. */
    static final int EARLY = 4;

    private final Level level;
    private final Map<Prefix, Network<T>> networks = new HashMap<>(2);

    /** Those for which something waits and that have early turns left. */
    private final Ring<T> early = new Ring<>();

    /** All others that had a turn of late, whether or not something waits for them. */
    private final Ring<T> round = new Ring<>();

    private int waitingInRound;
    private int earlyInARow;

    Turns(Level level) {
        this.level = level;
    }

    @Override
    public boolean isEmpty() {
        return early.isEmpty() && waitingInRound == 0;
    }

    /** How many networks are remembered. */
    int known() {
        return networks.size();
    }

    @Override
    public void add(Source from, T work) {
        Prefix prefix = from.at(level);
        Network<T> network = networks.get(prefix);
        if (network == null) {
            network = new Network<>(prefix, parts());
            networks.put(prefix, network);
            // Wants nothing yet. When memory runs out in what follows, it is forgotten like others that want nothing.
            round.append(network);
        }
        boolean waited = network.waits();
        network.parts.add(from, work);
        // Nothing fails from here on: what waits is always counted.
        if (!waited && network.early > 0) {
            early.append(network);
        } else if (!waited) {
            waitingInRound++;
        }
    }

    private Waiting<T> parts() {
        @Nullable Level inner = level.parts();
        return inner == null ? new Line<>() : new Turns<>(inner);
    }

    @Override
    public T poll() {
        boolean takesEarly = !early.isEmpty() && (long) earlyInARow * waitingInRound <= early.size;
        Network<T> network = takesEarly ? early.first() : firstInRound();
        T work = network.parts.poll();
        earlyInARow = takesEarly ? earlyInARow + 1 : 0;
        if (takesEarly) {
            network.early--;
            // The round goes on, too: else it would remember everybody as long as there are newcomers.
            forgetFirstIfItWantsNothing();
        } else {
            waitingInRound--;
        }
        if (network.waits() && network.early > 0) {
            early.append(network);
        } else {
            waitingInRound += network.waits() ? 1 : 0;
            round.append(network);
        }
        forgetAllIfNoneWaits();
        return work;
    }

    private Network<T> firstInRound() {
        while (forgetFirstIfItWantsNothing()) {}
        return round.first();
    }

    private boolean forgetFirstIfItWantsNothing() {
        boolean idle = !round.isEmpty() && !round.first().waits();
        if (idle) {
            forget(round.first());
        }
        return idle;
    }

    @Override
    public void remove(Source from, T work) {
        Network<T> network = networks.get(from.at(level));
        if (network == null || !network.waits()) {
            return;
        }
        network.parts.remove(from, work);
        if (!network.waits() && network.early > 0) {
            round.append(network);
        } else if (!network.waits()) {
            waitingInRound--;
        }
        forgetAllIfNoneWaits();
    }

    @Override
    public void clear() {
        while (!early.isEmpty()) {
            forget(early.first());
        }
        waitingInRound = 0;
        forgetAllIfNoneWaits();
    }

    private void forgetAllIfNoneWaits() {
        while (isEmpty() && !round.isEmpty()) {
            forget(round.first());
        }
    }

    private void forget(Network<T> network) {
        network.leave();
        networks.remove(network.prefix, network);
    }

    /** Networks in the order of their turns. To append one takes it out of where it was. */
    private static final class Ring<T> {
        private final Node<T> end = new Node<>();
        private int size;

        boolean isEmpty() {
            return size == 0;
        }

        Network<T> first() {
            return (Network<T>) end.next;
        }

        void append(Network<T> network) {
            network.leave();
            network.next = end;
            network.previous = end.previous;
            end.previous.next = network;
            end.previous = network;
            network.ring = this;
            size++;
        }
    }

    private static class Node<T> {
        Node<T> previous = this;
        Node<T> next = this;
    }

    private static final class Network<T> extends Node<T> {
        private final Prefix prefix;
        private final Waiting<T> parts;
        private @Nullable Ring<T> ring;
        private int early = EARLY;

        Network(Prefix prefix, Waiting<T> parts) {
            this.prefix = prefix;
            this.parts = parts;
        }

        boolean waits() {
            return !parts.isEmpty();
        }

        void leave() {
            previous.next = next;
            next.previous = previous;
            if (ring != null) {
                ring.size--;
                ring = null;
            }
        }
    }

    /** What waits of one host, in its order. */
    private static final class Line<T> implements Waiting<T> {
        // An ArrayDeque would not be whole any more after memory ran out while it grew. Most hosts have one thing
        // waiting.
        private final Set<T> line = new LinkedHashSet<>(2);

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
            Iterator<T> first = line.iterator();
            T work = first.next();
            first.remove();
            return work;
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
