package io.openme.benchmarks.attack;

import io.openme.benchmarks.attack.Attackers.Count;
import io.openme.benchmarks.attack.Table.Level;
import io.openme.benchmarks.attack.Table.Processors;
import io.openme.benchmarks.attack.Table.Row;
import io.openme.benchmarks.attack.Victim.Setup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A doorman, and how it stands attacks.
 *
 * @param idle what it had before the first attack
 */
record Trial(
        Options options,
        Arena arena,
        Path directory,
        Credentials credentials,
        Friends friends,
        Setup setup,
        Victim victim,
        Level idle) {
    /** The share of knocks that have to succeed, and the time that the 99th of a hundred may take. */
    static final double SHARE = 0.99;

    private static final double MOST_MILLIS = 1000;

    private static final Duration RAMP = Duration.ofSeconds(60);

    /** What costs the attacker a handshake each time takes long to be done often. */
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /** Attacks; the doorman is idle before and, if all is well, afterwards. */
    Row make(Attack attack) throws IOException {
        List<String> faults = new ArrayList<>();
        victim.figures().forgetPeak();
        Knocks knocks;
        Level under;
        Sampling seen;
        Processors processors;
        long deedsPerSecond;
        long made;
        int size = attack == Attack.NONE ? 0 : options.connections();
        try (Attackers attackers = new Attackers(arena, attack, size, directory);
                Reloading reloading = Reloading.start(attack, credentials)) {
            if (!Waiting.within(RAMP, () -> attack.proof().isUnderWay(attackers.count(), size))) {
                faults.add("THE ATTACK FIZZLED: " + attackers.count());
            }
            try (Sampling sampling = new Sampling(victim, attackers)) {
                knocks = knock(attackers, size);
                processors = sampling.processors();
                deedsPerSecond = sampling.deedsPerSecond();
                seen = sampling;
            }
            under = new Level(victim.level().heapMegabytes(), seen.mostThreads(), seen.mostDescriptors());
            Count count = attackers.count();
            made = count.opened();
            if (!attack.proof().held(seen.connected(), count, size)) {
                faults.add("THE ATTACK FIZZLED: " + seen.connected() + " connected, " + count);
            }
            reloading.faults().forEach(faults::add);
        }
        int peak = victim.figures().peakMegabytes();
        Level after = victim.awaitReturn(idle);
        if (!after.isBackAt(idle)) {
            faults.add("NOT RETURNED");
        }
        judge(knocks, faults);
        return new Row(
                attack.title(),
                made,
                seen.connected(),
                seen.descriptors() - idle.descriptors(),
                deedsPerSecond,
                knocks,
                idle,
                under,
                peak,
                processors,
                after,
                List.copyOf(faults));
    }

    /** Knocks, and again, until the attack has made all of its connections. */
    private Knocks knock(Attackers attackers, int size) throws IOException {
        long begin = System.nanoTime();
        Knocks knocks = friends.knock(options.knocks(), options.pauseMillis());
        while (attackers.count().opened() < size && System.nanoTime() - begin < LONGEST.toNanos()) {
            knocks = knocks.and(friends.knock(options.knocks(), options.pauseMillis()));
        }
        return knocks;
    }

    private static void judge(Knocks knocks, List<String> faults) {
        if (knocks.share() < SHARE) {
            faults.add("KNOCKS FAILED: " + knocks.failures().get(0));
        }
        if (knocks.millis(SHARE) >= MOST_MILLIS) {
            faults.add("TOO SLOW");
        }
    }
}
