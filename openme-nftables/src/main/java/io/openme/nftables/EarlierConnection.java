package io.openme.nftables;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A TCP connection of this host that is older than the guard.
 *
 * @param source the peer
 * @param sourcePort the peer's port
 * @param port our port
 */
record EarlierConnection(InetAddress source, int sourcePort, int port) {
    // "  12: 0100007F:0016 0200007F:9C40 01 ...": index, our address and port, the peer's, the state.
    private static final Pattern LINE = Pattern.compile("\\s*\\d+: (?:[0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})"
            + " ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2}) .*");

    // TIME_WAIT, CLOSE and LISTEN: no connection, or none that has anything to say.
    private static final List<String> NOT_CONNECTED = List.of("06", "07", "0A");

    /** The live connections in what {@code /proc/net/tcp} and {@code tcp6} say. */
    static List<EarlierConnection> parse(String proc) {
        return proc.lines()
                .map(EarlierConnection::line)
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<EarlierConnection> line(String line) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches() || NOT_CONNECTED.contains(matcher.group(4))) {
            return Optional.empty();
        }
        return Optional.of(new EarlierConnection(
                address(matcher.group(2)),
                Integer.parseInt(matcher.group(3), 16),
                Integer.parseInt(matcher.group(1), 16)));
    }

    /** The kernel prints an address as words in the machine's own byte order. */
    private static InetAddress address(String hex) {
        ByteBuffer bytes = ByteBuffer.allocate(hex.length() / 2).order(ByteOrder.nativeOrder());
        for (int i = 0; i < hex.length(); i += 8) {
            bytes.putInt(Integer.parseUnsignedInt(hex, i, i + 8, 16));
        }
        try {
            return InetAddress.getByAddress(bytes.array());
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
