package io.openme.benchmarks;

import io.openme.doorman.Client;
import io.openme.doorman.Doorman;
import io.openme.protocol.Answer;
import io.openme.protocol.Command;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** Knocks at a doorman as a verified client does whose command has been read: from there to the answer. */
final class Knocks {
    /** How many grants the client may hold. */
    static final int MOST = 1 << 20;

    private final Doorman doorman;
    private final Client client = Client.of(Backend.ca().client("alice").issue().certificate());

    Knocks(Doorman doorman) {
        this.doorman = doorman;
    }

    /** Opens for the sources with these numbers, so many at a time; how long each took, in nanoseconds. */
    long[] open(int from, int to, int inFlight) throws InterruptedException {
        long[] nanos = new long[to - from];
        Semaphore flight = new Semaphore(inFlight);
        AtomicInteger refused = new AtomicInteger();
        for (int number = from; number < to; number++) {
            flight.acquire();
            int index = number - from;
            long begin = System.nanoTime();
            doorman.handle(client, Sources.of(number), Command.open()).whenComplete((answer, failure) -> {
                nanos[index] = System.nanoTime() - begin;
                if (answer != Answer.OK) {
                    refused.incrementAndGet();
                }
                flight.release();
            });
        }
        flight.acquire(inFlight);
        if (refused.get() > 0) {
            throw new IllegalStateException(refused + " of " + nanos.length + " knocks were not answered OK");
        }
        return nanos;
    }

    /** Takes back what was never given: a transaction of nothing. */
    void nothing() {
        doorman.handle(client, Sources.of(MOST), Command.close())
                .toCompletableFuture()
                .join();
    }
}
