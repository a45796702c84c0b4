package io.openme.cli.split;

import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The place where the helper is asked. */
final class HelperSocket {
    private static final Logger LOG = LoggerFactory.getLogger(HelperSocket.class);
    private static final int BACKLOG = 4;

    private HelperSocket() {}

    /** Listens there, in the place of a socket that nobody listens at any more. */
    static ServerSocketChannel listen(Path path, Peer peer) {
        // Somebody who makes files there could have others of root's removed, opened up and given to him by links.
        OwnFiles.require(Objects.requireNonNullElse(path.toAbsolutePath().getParent(), path));
        try {
            removeLeftover(path);
            ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.bind(UnixDomainSocketAddress.of(path), BACKLOG);
                // Who may connect is decided by the kernel's word on who it is; this only keeps others from trying.
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
                giveTo(peer, path);
                return channel;
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new OpenmeException("can't listen on " + path + ": " + e.getMessage(), e);
        }
    }

    private static void giveTo(Peer peer, Path path) {
        try {
            OwnFiles.give(path, peer);
        } catch (IOException e) {
            LOG.debug("{} stays this user's; its group can use it ({})", path, e.toString());
        }
    }

    private static void removeLeftover(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new FileSystemException(path.toString(), null, "is there already, and no socket; name another path");
        }
        if (answers(path)) {
            throw new FileSystemException(path.toString(), null, "a helper is at work there already");
        }
        Files.delete(path);
    }

    private static boolean answers(Path path) {
        try (SocketChannel connection = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            connection.configureBlocking(false);
            return connection.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            return false;
        }
    }
}
