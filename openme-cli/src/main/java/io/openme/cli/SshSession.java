package io.openme.cli;

import io.openme.spi.PortRange;
import io.openme.spi.Protocol;
import io.openme.spi.Service;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The SSH session that this program is started from. */
final class SshSession {
    private static final String VARIABLE = "SSH_CONNECTION";
    /** What sshd sets: the client's address and port, the server's address and port. */
    private static final Pattern FORM = Pattern.compile("\\S+ \\d+ \\S+ (\\d{1,5})");

    private static final int LARGEST_ENVIRONMENT = 1 << 21;

    private SshSession() {}

    /** {@code SSH_CONNECTION} of this process or, as sudo takes it away, of the nearest that it comes from; Linux only. */
    static Optional<String> connection() {
        Stream<Path> ancestors = Stream.iterate(
                        ProcessHandle.current().parent(), Optional::isPresent, p -> p.flatMap(ProcessHandle::parent))
                .flatMap(Optional::stream)
                .map(process -> Path.of("/proc", Long.toString(process.pid()), "environ"));
        return connection(System.getenv(), ancestors);
    }

    /** The same, of this environment and then of these in the form of {@code /proc/PID/environ}. */
    static Optional<String> connection(Map<String, String> ours, Stream<Path> ancestors) {
        return Optional.ofNullable(ours.get(VARIABLE))
                .or(() -> ancestors.flatMap(SshSession::variable).findFirst());
    }

    /** The service that guards the port which a connection came in by. */
    static Optional<Service> guard(String connection, List<Service> services) {
        return port(connection)
                .flatMap(port -> services.stream()
                        .filter(service -> service.ports().stream().anyMatch(port::overlaps))
                        .findFirst());
    }

    /** The server's end of a connection. */
    static Optional<PortRange> port(String connection) {
        Matcher matcher = FORM.matcher(connection.strip());
        int port = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
        return port < 1 || port > 65535 ? Optional.empty() : Optional.of(PortRange.of(Protocol.TCP, port));
    }

    private static Stream<String> variable(Path environment) {
        try (InputStream in = Files.newInputStream(environment)) {
            String text = new String(in.readNBytes(LARGEST_ENVIRONMENT), StandardCharsets.UTF_8);
            return Stream.of(text.split("\0", -1))
                    .filter(each -> each.startsWith(VARIABLE + "="))
                    .map(each -> each.substring(VARIABLE.length() + 1))
                    .limit(1);
        } catch (IOException e) {
            // Another user's process, or not Linux: it can't be told.
            return Stream.empty();
        }
    }
}
