package io.openme.internal.listener;

import io.openme.internal.net.Source.Level;
import java.time.Duration;

/**
 * What a listener spends on its peers at most.
 *
 * @param knockTime from the accept to the end of the command, handshake included; more than zero
 * @param answerTime from the command to its answer; more than zero
 * @param connections how many at once; beyond it one that has failed makes room, else the oldest of the largest crowd that
 *     has not given its command. One costs a descriptor and 1 to 2 KB when idle, 17 KB while its handshake waits, 30 KB at the very
 *     worst. Where this process may not have so many descriptors and 512 more for everything else, or their worst
 *     would take more than three fifths of its heap, a start lowers this and logs it
 * @param connectionsPerHost how many at once of one IPv4 address or one IPv6 /64 network; 16 times as many of an IPv4 /24
 *     or an IPv6 /48, and 64 times as many of an IPv4 /16 or an IPv6 /32. Beyond it one of the same network makes room in
 *     the same way, and a newcomer is reset if all have given their commands
 * @param workers how many threads do cryptography
 */
public record Limits(Duration knockTime, Duration answerTime, int connections, int connectionsPerHost, int workers) {

    /** @throws IllegalArgumentException if a limit is not more than zero, or a time is longer than an hour */
    public Limits {
        check("knock time", knockTime);
        check("answer time", answerTime);
        check("connections", connections);
        check("connections per host", connectionsPerHost);
        check("workers", workers);
    }

    /**
     * 5 s to knock, 15 s to answer, 16,384 connections, 64 of one host, as many workers as processors.
     *
     * <p>A knock holds its connection for well under a second, so 64 serve a large NAT, 1,024 a town behind a mobile
     * operator's /24, and 4,096 the whole of it. They are no more than that for the neighbours' sake: a handshake takes
     * 1.3 ms, so with two workers even one for each place of a provider is done in 2.7 s, before the time to knock is
     * over. And who wants to fill the 16,384 needs networks of four providers for it, whatever their sizes.
     */
    public static Limits defaults() {
        return new Limits(
                Duration.ofSeconds(5),
                Duration.ofSeconds(15),
                16_384,
                64,
                Runtime.getRuntime().availableProcessors());
    }

    /** How many connections at once may come from a network of this level. */
    int most(Level level) {
        int hosts = switch (level) {
            case PROVIDER -> 64;
            case SITE -> 16;
            case HOST -> 1;
        };
        return (int) Math.min(connections, (long) hosts * connectionsPerHost);
    }

    /** The same with so many connections. */
    Limits withConnections(int count) {
        return new Limits(knockTime, answerTime, count, connectionsPerHost, workers);
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
