package io.openme.benchmarks.attack;

import io.openme.benchmarks.attack.Table.Processors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Looks at a doorman and its attacker from time to time, from its making until it is closed. */
final class Sampling implements AutoCloseable {
    private static final long EVERY_MILLIS = 200;

    private final Victim victim;
    private final Attackers attackers;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final List<Integer> connected = Collections.synchronizedList(new ArrayList<>());
    private final List<Integer> descriptors = Collections.synchronizedList(new ArrayList<>());
    private final List<Integer> threads = Collections.synchronizedList(new ArrayList<>());
    private final long begin = System.nanoTime();
    private final double victimSeconds;
    private final double attackerSeconds;
    private final long deeds;

    Sampling(Victim victim, Attackers attackers) {
        this.victim = victim;
        this.attackers = attackers;
        this.victimSeconds = victim.figures().processorSeconds();
        this.attackerSeconds = attackers.figures().processorSeconds();
        this.deeds = attackers.count().deeds();
        var unused = timer.scheduleWithFixedDelay(this::look, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        connected.add(attackers.count().connected());
        descriptors.add(victim.figures().descriptors());
        threads.add(victim.figures().threads());
    }

    int connected() {
        return median(connected);
    }

    int descriptors() {
        return median(descriptors);
    }

    int mostDescriptors() {
        return Collections.max(descriptors);
    }

    int mostThreads() {
        return Collections.max(threads);
    }

    /** How many processors the doorman kept busy, and the attacker. */
    Processors processors() {
        double seconds = seconds();
        return new Processors(
                (victim.figures().processorSeconds() - victimSeconds) / seconds,
                (attackers.figures().processorSeconds() - attackerSeconds) / seconds);
    }

    long deedsPerSecond() {
        return Math.round((attackers.count().deeds() - deeds) / seconds());
    }

    private double seconds() {
        return Math.max(1e-3, (System.nanoTime() - begin) / 1e9);
    }

    private static int median(List<Integer> values) {
        List<Integer> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
