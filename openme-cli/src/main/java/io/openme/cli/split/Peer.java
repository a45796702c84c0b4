package io.openme.cli.split;

import io.openme.exec.CommandException;
import io.openme.exec.CommandResult;
import io.openme.exec.CommandRunner;
import io.openme.exec.Limits;
import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import jdk.net.ExtendedSocketOptions;

/**
 * The user that the process which faces the network runs as.
 *
 * @param name as it was given
 * @param uid its number; neither root's nor this process's own
 * @param gid the number of its first group
 * @param principal the same for the JDK, which shows the numbers to nobody
 */
public record Peer(String name, int uid, int gid, UserPrincipal principal) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}");
    private static final Limits LIMITS = Limits.of(Duration.ofSeconds(10));

    /**
     * Looks the user up.
     *
     * @throws OpenmeException if there is none, or it would be no boundary to this process
     */
    public static Peer named(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new OpenmeException("\"" + name + "\" is no name of a user");
        }
        Peer peer = new Peer(name, id("-u", name), id("-g", name), principal(name));
        if (peer.uid == 0) {
            throw new OpenmeException("the process that faces the network is not to be root's; name a user of its own");
        }
        if (peer.uid == ownUid()) {
            // A JVM lets whoever is the same user load code into it.
            throw new OpenmeException(
                    "the helper runs as user " + name + ", too, so nothing would keep the process that"
                            + " faces the network from taking it over; run the helper as another user");
        }
        return peer;
    }

    /** Whether it is this user who is at the other end. */
    boolean isAt(SocketChannel connection) throws IOException {
        return connection.getOption(ExtendedSocketOptions.SO_PEERCRED).user().equals(principal);
    }

    private static int id(String what, String name) {
        try {
            CommandResult result =
                    new CommandRunner(List.of()).run(List.of("id", what, "--", name), new byte[0], LIMITS);
            if (result.succeeded()) {
                return Integer.parseInt(result.output().strip());
            }
        } catch (CommandException | NumberFormatException e) {
            throw new OpenmeException("whether there is a user " + name + " can't be found out: " + e.getMessage(), e);
        }
        throw new OpenmeException("there is no user " + name + "; make it: useradd --system --no-create-home --shell"
                + " /usr/sbin/nologin " + name);
    }

    private static UserPrincipal principal(String name) {
        try {
            return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name);
        } catch (IOException e) {
            throw new OpenmeException("user " + name + " can't be looked up: " + e.getMessage(), e);
        }
    }

    private static int ownUid() {
        try {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException e) {
            throw new OpenmeException("which user this is can't be found out: " + e, e);
        }
    }
}
