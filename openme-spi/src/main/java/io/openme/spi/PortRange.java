package io.openme.spi;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One port or several neighbouring ports of one protocol, both ends included.
 *
 * @param protocol the transport protocol
 * @param first the lowest port, 1 to 65535
 * @param last the highest port, {@code first} to 65535
 */
public record PortRange(Protocol protocol, int first, int last) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?/(tcp|udp)");

    /** @throws IllegalArgumentException if a port is out of bounds or the ends are the wrong way round */
    public PortRange {
        Objects.requireNonNull(protocol, "protocol");
        checkPort(first);
        checkPort(last);
        if (first > last) {
            throw new IllegalArgumentException(
                    "port range " + first + "-" + last + " is the wrong way round; write " + last + "-" + first);
        }
    }

    /** The range of this one port. */
    public static PortRange of(Protocol protocol, int port) {
        return new PortRange(protocol, port, port);
    }

    /**
     * Reads {@code 22/tcp} or {@code 60000-61000/udp}.
     *
     * @throws IllegalArgumentException if the text has another form or a port is out of bounds
     */
    public static PortRange parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a port; write it as port/protocol, such as 22/tcp or 60000-61000/udp");
        }
        int first = Integer.parseInt(matcher.group(1));
        int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
        return new PortRange(matcher.group(3).equals("tcp") ? Protocol.TCP : Protocol.UDP, first, last);
    }

    /** Whether both ranges hold a same port of the same protocol. */
    public boolean overlaps(PortRange other) {
        return protocol == other.protocol && first <= other.last && other.first <= last;
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        return (first == last ? "" + first : first + "-" + last) + "/" + protocol;
    }

    private static void checkPort(int port) {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port " + port + " is out of bounds; a port is 1 to 65535");
        }
    }
}
