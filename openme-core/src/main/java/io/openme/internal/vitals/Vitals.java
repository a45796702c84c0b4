package io.openme.internal.vitals;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds out when a thread has died or hangs, and says so once. A thread of its own, {@code openme-vitals}, asks the others.
 *
 * <p>It counts its questions rather than the time: while the whole process stands still - stopped, or on a host that sleeps -
 * nobody is asked, so nobody is blamed afterwards.
 */
public final class Vitals implements AutoCloseable {
    /** How often a thread is asked before it counts as stuck. */
    static final int QUESTIONS = 20;

    private final Duration patience;
    private final Consumer<String> failed;
    private final List<Pulse> pulses = new CopyOnWriteArrayList<>();
    private volatile @Nullable Thread thread;
    private volatile @Nullable Thread dead;
    private volatile @Nullable Throwable causeOfDeath;
    private volatile boolean closed;
    private volatile boolean told;

    /**
     * Vitals that are not looked at yet.
     *
     * @param patience how long a thread may be busy with one thing; more than zero
     * @param failed hears once of what is wrong, on the thread of this; while it throws it is called again
     */
    public Vitals(Duration patience, Consumer<String> failed) {
        this.patience = patience;
        this.failed = failed;
    }

    /**
     * Adds a thread to those that are asked.
     *
     * @param name what it is called where it fails
     * @param rouse sends it round, where it lets the pulse {@linkplain Pulse#beat() beat}; must not block. What it throws counts as no answer
     */
    public Pulse add(String name, Consumer<Pulse> rouse) {
        Pulse pulse = new Pulse(name, rouse);
        pulses.add(pulse);
        return pulse;
    }

    /** Adds the thread of an executor, which runs this each time that it is asked, and has come round if that worked. */
    public void addExecutor(String name, Executor executor, Runnable tend) {
        add(
                name,
                pulse -> executor.execute(() -> {
                    tend.run();
                    pulse.beat();
                }));
    }

    /** Asks from now on. */
    public void start() {
        Thread asking = new Thread(this::run, "openme-vitals");
        asking.setDaemon(true);
        thread = asking;
        asking.start();
    }

    /** What is wrong, in words; empty if every thread comes round, or was not asked often enough. */
    public Optional<String> problem() {
        Thread lost = dead;
        if (lost != null) {
            return Optional.of("the thread " + lost.getName() + " has died of " + causeOfDeath);
        }
        Thread asking = thread;
        if (asking != null && !asking.isAlive() && !closed && !told) {
            return Optional.of("the thread " + asking.getName() + " has ended");
        }
        return pulses.stream()
                .filter(pulse -> pulse.missed() > QUESTIONS)
                .findFirst()
                .map(pulse -> "the thread " + pulse.name() + " has not come round for " + patience);
    }

    /**
     * A thread has died of this, or can't do its work any more. To be called by the thread itself. Needs no memory, never fails.
     */
    public void died(Thread who, Throwable cause) {
        causeOfDeath = cause;
        dead = who;
        LockSupport.unpark(thread);
    }

    /** Asks no longer. Idempotent. Waits for nothing, so any thread may call it. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    private void run() {
        long pause = Math.max(1, patience.toNanos() / QUESTIONS);
        while (!closed && !told) {
            // A whole pause each time, whatever passed meanwhile; one that is cut short only asks a little early.
            LockSupport.parkNanos(pause);
            check();
        }
    }

    /** One round of questions. Never throws: it has to be there when nothing else works. */
    void check() {
        try {
            for (Pulse pulse : pulses) {
                ask(pulse);
            }
        } catch (Throwable e) {
            // No memory even to go through them; what is known is told all the same.
        }
        try {
            Optional<String> problem = closed || told ? Optional.empty() : problem();
            if (problem.isPresent()) {
                failed.accept(problem.get());
                told = true;
            }
        } catch (Throwable e) {
            // Told again at the next round.
        }
    }

    private static void ask(Pulse pulse) {
        try {
            pulse.ask();
        } catch (Throwable e) {
            // No memory or no thread to ask with; it has one answer less.
        }
    }
}
