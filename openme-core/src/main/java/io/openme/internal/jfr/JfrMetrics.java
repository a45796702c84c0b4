package io.openme.internal.jfr;

import io.openme.doorman.DoormanMetrics;
import java.time.Duration;

/**
 * Hands what a doorman does to the JDK's flight recorder. While nobody records, an event is a flag that is looked at.
 *
 * <p>They are told when it is over, so an event's time is that of the end, and {@code took} is how long it was.
 */
public final class JfrMetrics implements DoormanMetrics {
    /** For one doorman or several. */
    public JfrMetrics() {}

    @Override
    public void handshake(boolean accepted, Duration took) {
        HandshakeEvent event = new HandshakeEvent();
        if (event.shouldCommit()) {
            event.accepted = accepted;
            event.took = took.toNanos();
            event.commit();
        }
    }

    @Override
    public void answered(String command, String outcome, Duration took) {
        CommandEvent event = new CommandEvent();
        if (event.shouldCommit()) {
            event.command = command;
            event.outcome = outcome;
            event.took = took.toNanos();
            event.commit();
        }
    }

    @Override
    public void applied(int changes, boolean worked, Duration took) {
        FirewallCommitEvent event = new FirewallCommitEvent();
        if (event.shouldCommit()) {
            event.changes = changes;
            event.worked = worked;
            event.took = took.toNanos();
            event.commit();
        }
    }

    @Override
    public void reloaded(boolean worked, Duration took) {
        ReloadEvent event = new ReloadEvent();
        if (event.shouldCommit()) {
            event.worked = worked;
            event.took = took.toNanos();
            event.commit();
        }
    }
}
