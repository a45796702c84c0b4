package io.openme.benchmarks.attack;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Makes the doorman read its files anew again and again, where the attack is one at which it does. */
final class Reloading implements AutoCloseable {
    /** It takes a file that has stayed the same for a quarter of a second. */
    private static final long EVERY_MILLIS = 700;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final List<String> faults = new CopyOnWriteArrayList<>();

    private Reloading() {}

    static Reloading start(Attack attack, Credentials credentials) {
        Reloading reloading = new Reloading();
        if (attack == Attack.RELOADS) {
            var unused = reloading.timer.scheduleAtFixedRate(
                    () -> reloading.publish(credentials), 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
        }
        return reloading;
    }

    private void publish(Credentials credentials) {
        try {
            credentials.publishRevocations();
        } catch (IOException e) {
            faults.add("no list was published: " + e);
        }
    }

    /** Why there were none. */
    List<String> faults() {
        return faults;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
