package io.openme.cli.split;

import io.openme.cli.config.ThisUser;
import io.openme.cli.config.TrustedPath;
import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;

/** The files and directories that the helper goes by; whoever can change them tells it what to do. */
public final class OwnFiles {
    private OwnFiles() {}

    /**
     * Looks at a file or directory, all those above it, and the links on the way. Before it is used: afterwards somebody may
     * have put back what he had exchanged.
     *
     * @throws OpenmeException if anybody but root and this process's user could change it, or put another in its place
     */
    public static void require(Path path) {
        try {
            TrustedPath.require(path, ThisUser.andRoot(), false);
        } catch (TrustedPath.Foreign e) {
            throw new OpenmeException(
                    e.what() + ", so a doorman that was taken over could say what is done with root's rights; "
                            + e.wayOut(),
                    e);
        } catch (IOException e) {
            throw new OpenmeException("can't look at " + path + ": " + e, e);
        }
    }

    /**
     * Gives a file or directory to the peer: it itself, and never what a link leads to.
     *
     * @throws IOException if this process may not
     */
    public static void give(Path path, Peer peer) throws IOException {
        Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setOwner(peer.principal());
    }
}
