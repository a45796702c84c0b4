package io.openme.spi;

import java.time.Duration;

/**
 * How many new connections each source may make to the doorman's own ports, for a firewall to keep to before the doorman
 * sees them.
 *
 * <p>A source is one IPv4 address, or one IPv6 /64 network, of which a host can take any address. Each has a bucket with
 * this many tokens; a new connection takes one, without one it is dropped, and the time brings all of them back evenly: so
 * many at once, and so many in each such time for as long as one likes. A /48 network, which is as easily had as an IPv4
 * address, has in addition a bucket of {@value #WIDER} times as many for all that is in it.
 *
 * @param connections 1 to {@value #MOST}
 * @param per a second to a minute
 */
public record DoorLimit(int connections, Duration per) {
    /** The most connections. */
    public static final int MOST = 100_000;

    /** How many times as many a /48 network of IPv6 has. */
    public static final int WIDER = 10;

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(1);

    /** @throws IllegalArgumentException if one is out of bounds */
    public DoorLimit {
        if (connections < 1 || connections > MOST) {
            throw new IllegalArgumentException(
                    "a limit of " + connections + " connections is out of bounds; it is 1 to " + MOST);
        }
        // Not longer, so that a firewall need not remember a source for longer.
        if (per.compareTo(SHORTEST) < 0 || per.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "a limit of connections per " + per + " is out of bounds; it is per 1 second to 1 minute");
        }
    }

    /** How many a /48 network of IPv6 may make. */
    public int connectionsOf48() {
        return WIDER * connections;
    }
}
