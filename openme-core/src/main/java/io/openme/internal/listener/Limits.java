package io.openme.internal.listener;

import java.time.Duration;

/**
 * What a listener spends on its peers at most.
 *
 * @param knockTime from the accept to the end of the command, handshake included; more than zero
 * @param answerTime from the command to its answer; more than zero
 * @param connections how many at once; beyond it one that has failed makes room, else the oldest that has not given
 *     its command. One costs a descriptor and about 1 KB when idle, 17 KB while its handshake waits, 30 KB at the very
 *     worst. Where this process may not have so many descriptors and 512 more for everything else, a start lowers this
 *     and logs it
 * @param connectionsPerPrefix how many at once of one IPv4 address or one IPv6 /64 network; beyond it a newcomer is reset
 * @param workers how many threads do cryptography
 */
public record Limits(Duration knockTime, Duration answerTime, int connections, int connectionsPerPrefix, int workers) {

    /** @throws IllegalArgumentException if a limit is not more than zero, or a time is longer than an hour */
    public Limits {
        check("knock time", knockTime);
        check("answer time", answerTime);
        check("connections", connections);
        check("connections per prefix", connectionsPerPrefix);
        check("workers", workers);
    }

    /**
     * 5 s to knock, 15 s to answer, 16,384 connections, 64 of one prefix, as many workers as processors.
     *
     * <p>A knock holds its connection for well under a second, so 64 serve a large NAT; and who wants to fill the 16,384
     * needs more than 256 addresses for it.
     */
    public static Limits defaults() {
        return new Limits(
                Duration.ofSeconds(5),
                Duration.ofSeconds(15),
                16_384,
                64,
                Runtime.getRuntime().availableProcessors());
    }

    private static void check(String what, Duration time) {
        if (time.isZero() || time.isNegative() || time.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException(
                    what + " " + time + " is out of bounds; use up to an hour, such as PT5S");
        }
    }

    private static void check(String what, int count) {
        if (count < 1) {
            throw new IllegalArgumentException(what + " " + count + " is out of bounds; use at least 1");
        }
    }
}
