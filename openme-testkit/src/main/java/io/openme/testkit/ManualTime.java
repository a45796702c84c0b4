package io.openme.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Time that a test moves: a clock, and an executor whose tasks run on the test's own thread when their time has come.
 * Not safe for use by several threads.
 */
public final class ManualTime extends AbstractExecutorService implements ScheduledExecutorService {
    private final PriorityQueue<Task<?>> tasks = new PriorityQueue<>(
            Comparator.<Task<?>, Instant>comparing(t -> t.at).thenComparing(t -> t.number));
    private Instant now;
    private long scheduled;
    private boolean shutdown;

    /** Time that stands at {@code start}. */
    public ManualTime(Instant start) {
        this.now = start;
    }

    /** A clock that shows this time, in UTC. */
    public Clock clock() {
        return new Clock() {
            @Override
            public Instant instant() {
                return now;
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                throw new UnsupportedOperationException("manual time is in UTC");
            }
        };
    }

    /** The time now. */
    public Instant now() {
        return now;
    }

    /** Runs what is due, and what that makes due. */
    public void runDue() {
        advance(Duration.ZERO);
    }

    /** Lets time pass, and runs each task at its time. */
    public void advance(Duration passing) {
        Instant end = now.plus(passing);
        for (Task<?> next = tasks.peek(); next != null && !next.at.isAfter(end); next = tasks.peek()) {
            tasks.remove(next);
            now = next.at.isAfter(now) ? next.at : now;
            next.run();
        }
        now = end;
    }

    @Override
    public void execute(Runnable command) {
        var unused = schedule(command, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        return schedule(
                () -> {
                    command.run();
                    return null;
                },
                delay,
                unit);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        if (shutdown) {
            throw new RejectedExecutionException("shut down");
        }
        Task<V> task = new Task<>(callable, now.plusNanos(unit.toNanos(Math.max(0, delay))), scheduled++);
        tasks.add(task);
        return task;
    }

    /** Not supported: nothing here needs it. */
    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long delay, long period, TimeUnit unit) {
        throw new UnsupportedOperationException("scheduleAtFixedRate");
    }

    /** Not supported: nothing here needs it. */
    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initial, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException("scheduleWithFixedDelay");
    }

    @Override
    public void shutdown() {
        shutdown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutdown = true;
        List<Runnable> never = new ArrayList<>(tasks);
        tasks.clear();
        return never;
    }

    @Override
    public boolean isShutdown() {
        return shutdown;
    }

    @Override
    public boolean isTerminated() {
        return shutdown && tasks.isEmpty();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return isTerminated();
    }

    private final class Task<V> extends FutureTask<V> implements ScheduledFuture<V> {
        private final Instant at;
        private final long number;

        Task(Callable<V> work, Instant at, long number) {
            super(work);
            this.at = at;
            this.number = number;
        }

        @Override
        protected void done() {
            if (isCancelled()) {
                tasks.remove(this);
            }
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(Duration.between(now, at));
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
        }
    }
}
