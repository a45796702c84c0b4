package io.openme.cli.chaos;

import java.time.Duration;

/**
 * How late things may be. The tests of a build share their machine with others, whose load must not look like a fault.
 *
 * @param factor 1 on a machine that has nothing else to do
 * @param unit in which the kernel counts lifetimes, rounded down
 */
record Patience(int factor, Duration unit) {
    /**
     * By how much an opening may outlive its grant: the kernel counts from its commit, so the longest runs of the tools that
     * an install needs, and the host's uptime in hundredths of a second for what a restart takes over.
     */
    Duration late() {
        return tool().multipliedBy(2).plus(Duration.ofMillis(100));
    }

    /** By how much it may end sooner: the kernel's ticks, the uptime, and rounding down. */
    Duration early() {
        return Duration.ofMillis(300).multipliedBy(factor).plus(unit.multipliedBy(2));
    }

    /** For how long the guard may be missing. What is promised is a second. */
    Duration guardBack() {
        return Duration.ofSeconds(2).multipliedBy(factor);
    }

    /** How long a run of the firewall's tool may take. */
    Duration tool() {
        return Duration.ofMillis(700).multipliedBy(factor);
    }

    /** How long an answer may take: the doorman tries again after pauses that grow. */
    Duration answer() {
        return Duration.ofSeconds(30).multipliedBy(factor);
    }

    /** How long everything may take to be mended. */
    Duration settle() {
        return Duration.ofSeconds(15).multipliedBy(factor);
    }
}
