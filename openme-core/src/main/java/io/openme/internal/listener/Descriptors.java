package io.openme.internal.listener;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps strangers from using up the descriptors of this process: without one the firewall's tool can't be started, and
 * then nobody gets in.
 */
final class Descriptors {
    /**
     * For everything else that this process does: the pipes to the firewall's tool (a dozen while one starts), the state
     * file, certificates, the classes that it loads, and whatever it does besides, as an embedder's server.
     */
    static final int RESERVE = 512;

    /** Where the limit can't be read, as there is no {@code /proc}; macOS lets a JVM have 10,240. */
    private static final int UNKNOWN = 4096;

    private static final Logger LOG = LoggerFactory.getLogger(KnockListener.class);
    private static final Pattern SOFT_LIMIT = Pattern.compile("(?m)^Max open files +(\\d+|unlimited)");

    private Descriptors() {}

    /** As many connections as are wanted, or as this process can have, which is logged then. */
    static int connections(int wanted) {
        OptionalLong limit = limit();
        int possible = connections(wanted, limit.orElse(UNKNOWN));
        if (possible < wanted && limit.isPresent()) {
            LOG.warn(
                    "At most {} peers can be connected at once instead of {}, as this process may have {} descriptors;"
                            + " raise that (ulimit -n, or LimitNOFILE= of a systemd unit) to hold out against more",
                    possible,
                    wanted,
                    limit.getAsLong());
        }
        return possible;
    }

    /** The wanted number, as long as the reserve is left of this limit, or half of a limit that is too small for that. */
    static int connections(int wanted, long limit) {
        return (int) Math.max(1, Math.min(wanted, Math.max(limit - RESERVE, limit / 2)));
    }

    /** How many descriptors this process may have; a JVM raises that to the hard limit when it starts. */
    private static OptionalLong limit() {
        try {
            // There is a bean for it as well, in a module that needs not be there.
            Matcher line = SOFT_LIMIT.matcher(Files.readString(Path.of("/proc/self/limits")));
            if (line.find()) {
                return OptionalLong.of(
                        line.group(1).equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(line.group(1)));
            }
        } catch (IOException | NumberFormatException e) {
            LOG.debug("The limit of descriptors can't be read", e);
        }
        return OptionalLong.empty();
    }
}
