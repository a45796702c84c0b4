package io.openme.exec;

import java.time.Duration;

/**
 * What a command may use.
 *
 * @param deadline for the whole of it, from the call to the last byte of its output; more than zero
 * @param grace how long a command may take to end after SIGTERM, and again after SIGKILL, before the caller goes on
 *     without it; more than zero
 * @param outputBytes how much it may write to standard output, and as much again to standard error; at least 1
 */
public record Limits(Duration deadline, Duration grace, int outputBytes) {
    private static final Duration DEFAULT_GRACE = Duration.ofMillis(250);
    private static final int DEFAULT_OUTPUT_BYTES = 1 << 20;

    /** @throws IllegalArgumentException if a value is out of bounds */
    public Limits {
        checkPositive("deadline", deadline);
        checkPositive("grace", grace);
        if (outputBytes < 1) {
            throw new IllegalArgumentException("outputBytes is " + outputBytes + "; it takes at least 1");
        }
    }

    /** This deadline, a grace of 250 ms and 1 MiB of output. */
    public static Limits of(Duration deadline) {
        return new Limits(deadline, DEFAULT_GRACE, DEFAULT_OUTPUT_BYTES);
    }

    /** These limits, with another bound for the output. */
    public Limits withOutputBytes(int bytes) {
        return new Limits(deadline, grace, bytes);
    }

    private static void checkPositive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(name + " is " + value + "; it takes more than zero");
        }
    }
}
