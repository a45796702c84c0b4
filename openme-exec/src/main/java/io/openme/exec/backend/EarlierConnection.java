package io.openme.exec.backend;

import io.openme.exec.CommandException;
import io.openme.exec.CommandResult;
import io.openme.exec.CommandRunner;
import io.openme.exec.Limits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TCP connection of this host that is older than the guard.
 *
 * @param source the peer
 * @param sourcePort the peer's port
 * @param port our port
 */
public record EarlierConnection(InetAddress source, int sourcePort, int port) {
    // "  12: 0100007F:0016 0200007F:9C40 01 ...": index, our address and port, the peer's, the state.
    private static final Pattern LINE = Pattern.compile("\\s*\\d+: (?:[0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})"
            + " ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2}) .*");

    // TIME_WAIT, CLOSE and LISTEN: no connection, or none that has anything to say.
    private static final List<String> NOT_CONNECTED = List.of("06", "07", "0A");

    private static final Logger LOG = LoggerFactory.getLogger(EarlierConnection.class);
    // What /proc/net is a link to; that one some sandboxes hide.
    private static final List<String> PROC = List.of("/proc/self/net/tcp", "/proc/self/net/tcp6");

    /**
     * The TCP connections from other hosts to these ports of the host that the command prefix leads to.
     *
     * <p>A prefix that allows nothing but the firewall's tools, as a careful sudoers file does, leaves those of the network
     * namespace that this process lives in, which then is the same.
     *
     * @param prefix what goes before each command; empty for none
     * @param limits what reading may use; {@code /proc/net/tcp} has some 150 bytes for each connection
     * @param ports which of our ports
     */
    public static List<EarlierConnection> list(List<String> prefix, Limits limits, IntPredicate ports) {
        return read(prefix, limits).stream()
                .filter(connection -> ports.test(connection.port()))
                .filter(connection -> !connection.source().isLoopbackAddress())
                .toList();
    }

    private static List<EarlierConnection> read(List<String> prefix, Limits limits) {
        if (!prefix.isEmpty()) {
            try {
                List<String> cat =
                        Stream.concat(Stream.of("cat"), PROC.stream()).toList();
                CommandResult result = new CommandRunner(prefix).run(cat, new byte[0], limits);
                if (!result.output().isEmpty()) { // without IPv6 it complains, and prints the rest
                    return parse(result.output());
                }
                LOG.debug("{} does not run cat; reading the connections of this namespace", prefix);
            } catch (CommandException e) {
                LOG.debug("{} does not run cat; reading the connections of this namespace", prefix, e);
            }
        }
        List<EarlierConnection> connections = new ArrayList<>();
        for (String file : PROC) {
            try {
                connections.addAll(parse(Files.readString(Path.of(file))));
            } catch (IOException e) {
                LOG.debug("no {}", file, e);
            }
        }
        return connections;
    }

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
