package io.openme.cli;

import io.openme.doorman.DoormanListener;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * Hears that the doorman can't go on, or that any thread of this process has died: half a daemon is worse than none, which a
 * service manager starts anew.
 */
final class Failure implements DoormanListener, Thread.UncaughtExceptionHandler {
    private final CountDownLatch happened = new CountDownLatch(1);
    private volatile String reason = "a thread has died";
    private volatile Runnable andThen = () -> {};

    @Override
    public void failed(Failed event) {
        reason = event.reason();
        happen();
    }

    @Override
    public void uncaughtException(Thread thread, Throwable cause) {
        try {
            reason = "the thread " + thread.getName() + " has died of " + cause;
        } finally {
            // Even if there was no memory for the words.
            happen();
        }
    }

    private void happen() {
        happened.countDown();
        andThen.run();
    }

    /** Runs this once it happens, on the thread that tells of it; at once if it has. */
    void andThen(Runnable action) {
        andThen = action;
        if (happened.getCount() == 0) {
            action.run();
        }
    }

    /** Waits for it: what failed, or empty if this thread is interrupted. */
    Optional<String> await() {
        try {
            happened.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return what();
    }

    /** What failed; empty if nothing has. */
    Optional<String> what() {
        return happened.getCount() == 0 ? Optional.of(reason) : Optional.empty();
    }
}
