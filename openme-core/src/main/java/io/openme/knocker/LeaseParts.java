package io.openme.knocker;

import java.net.StandardProtocolFamily;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * What a lease runs on; tests give something else.
 *
 * @param timer decides and waits; of one thread
 * @param knocking makes what knocks for a family, one knock after the other, so that one family waits for no other
 * @param clock the present, to say until when something is held, and to notice that this host slept
 * @param random for jitter, which is no secret
 */
record LeaseParts(
        ScheduledExecutorService timer,
        Function<StandardProtocolFamily, ExecutorService> knocking,
        InstantSource clock,
        RandomGenerator random) {
    static LeaseParts ofSystem() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, daemon("openme-lease"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return new LeaseParts(
                timer,
                family -> Executors.newSingleThreadExecutor(
                        daemon("openme-lease-" + Lease.nameOf(family).toLowerCase(Locale.ROOT))),
                InstantSource.system(),
                RandomGenerator.getDefault());
    }

    private static ThreadFactory daemon(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
