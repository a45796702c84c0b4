package io.openme.spi;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A named group of guarded ports, opened and closed together: {@code ssh} is 22/tcp.
 *
 * <p>Two services may share a port; it is open while either of them is.
 *
 * @param name 1 to 31 characters: lower-case letters, digits and {@code -}, beginning with a letter; safe to be part of
 *     a set's, chain's or file's name
 * @param ports at least one range; ranges of one service do not overlap
 * @param established what becomes of connections when the opening that they came by ends
 */
public record Service(String name, List<PortRange> ports, Established established) {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,30}");

    /** What becomes of connections that are established when an opening ends. */
    public enum Established {
        /** They go on until one of their ends closes them. */
        KEEP,
        /**
         * No packet of theirs reaches the service any more, nor one of a connection that was there before the guard. A port
         * that it shares with other services is cut once none of them is open. From a UDP port the host begins to send only
         * to who has an opening. Takes a firewall with {@link Capability#CUT}.
         */
        CUT
    }

    /** @throws IllegalArgumentException if the name has another form, or the ports are none or overlap */
    public Service {
        Objects.requireNonNull(established, "established");
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("\"" + name + "\" is no name for a service; it takes up to 31 lower-case"
                    + " letters, digits and -, beginning with a letter, such as ssh or web-admin");
        }
        ports = List.copyOf(ports);
        if (ports.isEmpty()) {
            throw new IllegalArgumentException("service " + name + " guards no port; give it one, such as 22/tcp");
        }
        for (int i = 0; i < ports.size(); i++) {
            for (PortRange other : ports.subList(i + 1, ports.size())) {
                if (ports.get(i).overlaps(other)) {
                    throw new IllegalArgumentException("service " + name + " names the same ports twice: "
                            + ports.get(i) + " and " + other + "; leave one out");
                }
            }
        }
    }

    /** A service whose connections are kept when an opening ends. */
    public Service(String name, List<PortRange> ports) {
        this(name, ports, Established.KEEP);
    }

    /**
     * A service with ports in the form that {@link PortRange#parse} reads.
     *
     * @throws IllegalArgumentException if the name or a port has another form
     */
    public static Service of(String name, String... ports) {
        return new Service(name, Arrays.stream(ports).map(PortRange::parse).toList());
    }
}
