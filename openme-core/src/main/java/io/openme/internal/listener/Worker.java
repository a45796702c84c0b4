package io.openme.internal.listener;

import io.openme.internal.listener.Complaints.Fault;
import io.openme.internal.vitals.Pulse;
import java.io.IOException;
import java.util.Optional;

/** Takes up one connection after the other; all cryptography is done here. */
final class Worker implements Runnable {
    private final FairQueue<Connection> queue;
    private final Pulse pulse;
    private final Complaints complaints;

    Worker(FairQueue<Connection> queue, Pulse pulse, Complaints complaints) {
        this.queue = queue;
        this.pulse = pulse;
        this.complaints = complaints;
    }

    @Override
    public void run() {
        Scratch scratch = new Scratch();
        boolean open = true;
        while (open) {
            try {
                Optional<Connection> next = queue.take(pulse::beat);
                open = next.isPresent();
                next.ifPresent(connection -> work(connection, scratch));
            } catch (InterruptedException e) {
                // Only a close interrupts, when the handler blocks against its contract.
                open = false;
            } catch (Throwable e) {
                // No memory even to take the next one; what was lost here comes to its deadline.
                complaints.about(Fault.WORKING, e);
            }
        }
    }

    /** Whatever goes wrong ends the connection, never the worker. */
    private void work(Connection connection, Scratch scratch) {
        try {
            connection.work(scratch);
        } catch (IOException e) {
            // The peer went away, or its time was over.
            connection.close();
        } catch (Throwable e) {
            connection.abort();
            complaints.about(Fault.SERVING, e);
        }
    }
}
