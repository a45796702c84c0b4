package io.openme.internal.vitals;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The sign of life of one thread that does work as it comes. As such a thread may have nothing to do for hours, it is asked:
 * {@code rouse} sends it round, and when it comes round it beats. Safe for several threads.
 */
public final class Pulse {
    private final String name;
    private final Consumer<Pulse> rouse;
    private final AtomicInteger missed = new AtomicInteger();

    Pulse(String name, Consumer<Pulse> rouse) {
        this.name = name;
        this.rouse = rouse;
    }

    /** The thread is there and came round. Allocates nothing, never fails. */
    public void beat() {
        missed.set(0);
    }

    String name() {
        return name;
    }

    /** How often it was asked since it came round. */
    int missed() {
        return missed.get();
    }

    void ask() {
        missed.incrementAndGet();
        rouse.accept(this);
    }
}
