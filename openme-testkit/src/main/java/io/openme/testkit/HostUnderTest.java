package io.openme.testkit;

import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Protocol;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The host that a {@link FirewallContract} tries a backend on: how the backend gets there, what can be seen of it, and how
 * somebody else may meddle with it. What a host can't show is left out, and the rules that need it are reported as skipped.
 */
public interface HostUnderTest {
    /** The backend's options that lead it to this host. */
    Map<String, String> options();

    /** Takes every firewall off the host; called before the first rule and after each. */
    void clear();

    /**
     * All that a backend may put on the host except openings, as a text that is the same while that is: without openings,
     * counters and remaining times. Empty for a backend that keeps everything inside its own object.
     */
    Optional<String> state();

    /** How to see whom the firewall lets through. Not asked for where there is a {@link #network()}. */
    default Optional<Reach> reach() {
        return Optional.empty();
    }

    /**
     * The network whose server this host is, so that real packets tell. The contract listens on ports 2000 to 2999 and 4000
     * to 4999 of it.
     */
    default Optional<TestNetwork> network() {
        return Optional.empty();
    }

    /**
     * What somebody else does to the guard of the owner {@code openme}, such as {@code flushes everything}: after each of
     * these, {@code intact()} is to be false. May be empty only where nobody else can touch the guard.
     */
    default Map<String, Runnable> damages() {
        return Map.of();
    }

    /**
     * Options that, put over {@link #options()}, make the backend fail for that reason when it is opened or installed. For
     * {@link Reason#REJECTED}: options with which the host takes one opening of a service for each of IPv4 and IPv6, and
     * refuses a second.
     */
    default Map<Reason, Map<String, String>> failures() {
        return Map.of();
    }

    /** What the host's tool got as its input by the latest install or apply; empty where that can't be seen. */
    default Optional<String> latestInput() {
        return Optional.empty();
    }

    /** How many openings are many for this backend: at most 5000, which is the default. */
    default int many() {
        return 5000;
    }

    /** The protocols that the backend can guard; a service with a port of another is to be refused. Both by default. */
    default Set<Protocol> protocols() {
        return EnumSet.allOf(Protocol.class);
    }

    /** The clock by which openings end, in nanoseconds from any moment. The system's by default. */
    default long nanoTime() {
        return System.nanoTime();
    }

    /** Lets so much time pass by that clock. */
    default void pass(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while time was to pass", e);
        }
    }
}
