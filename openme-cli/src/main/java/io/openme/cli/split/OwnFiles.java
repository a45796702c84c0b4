package io.openme.cli.split;

import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;

/** The files that the helper goes by; whoever can write them tells it what to do. */
public final class OwnFiles {
    private static final Set<PosixFilePermission> OTHERS_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private OwnFiles() {}

    /**
     * Looks at a file and its directory.
     *
     * @throws OpenmeException if the peer could change this file, or put another in its place
     */
    public static void require(Path file, Peer peer) {
        try {
            Path real = file.toRealPath();
            for (Path each : List.of(real, real.getParent())) {
                require(each, Files.readAttributes(each, PosixFileAttributes.class), peer);
            }
        } catch (IOException e) {
            throw new OpenmeException("can't look at " + file + ": " + e, e);
        }
    }

    private static void require(Path each, PosixFileAttributes attributes, Peer peer) {
        if (attributes.owner().equals(peer.principal())) {
            throw new OpenmeException(each + " belongs to " + peer.name()
                    + ", so a doorman that was taken over could say" + " what is guarded; chown root " + each);
        }
        if (attributes.permissions().stream().anyMatch(OTHERS_WRITE::contains)) {
            throw new OpenmeException(each + " can be written by more than its owner, so a doorman that was taken over"
                    + " could say what is guarded; chmod go-w " + each);
        }
    }
}
