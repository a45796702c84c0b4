package io.openme.cli.split;

import java.time.Duration;

/** Says no more than one thing in a while, so that nobody can fill a log. Used by one thread. */
final class Sparingly {
    private final long pause;
    private boolean said;
    private long last;

    Sparingly(Duration pause) {
        this.pause = pause.toNanos();
    }

    void say(Runnable what) {
        long now = System.nanoTime();
        if (!said || now - last >= pause) {
            said = true;
            last = now;
            what.run();
        }
    }
}
