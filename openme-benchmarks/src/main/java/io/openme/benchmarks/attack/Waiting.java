package io.openme.benchmarks.attack;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/** Waits for what other processes do. */
final class Waiting {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long POLL_MILLIS = 50;
    private static final int LOOKS = 10;

    private Waiting() {}

    /** Waits until this is so. @throws IllegalStateException if it is not after a minute */
    static void until(String what, BooleanSupplier isSo) {
        if (!within(PATIENCE, isSo)) {
            throw new IllegalStateException("waited for a minute until " + what);
        }
    }

    /** Waits until this is so, at most that long; whether it is. */
    static boolean within(Duration time, BooleanSupplier isSo) {
        long end = System.nanoTime() + time.toNanos();
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            pause();
        }
        return true;
    }

    /** The least of several looks: a tool of the firewall that runs for a moment does not count. */
    static int least(IntSupplier look) {
        int least = look.getAsInt();
        for (int i = 0; i < LOOKS; i++) {
            pause();
            least = Math.min(least, look.getAsInt());
        }
        return least;
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
