package io.openme.cli.split;

import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory for the helper's socket, in which nobody but this user makes files, and which others can pass through.
 *
 * <p>While it is in use a file in it is locked, which ends with the process however that ends. So what one that was killed has left
 * is known for what it is, and removed by the next. One for each process: the kernel's locks are no finer.
 */
public final class RunDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunDirectory.class);
    private static final String PREFIX = "openme-";
    private static final String SOCKET = "helper";
    private static final String LOCK = "lock";
    /** Which it has only once it is locked: one that is just being made is nobody's leftover. */
    private static final Set<PosixFilePermission> PASSABLE = PosixFilePermissions.fromString("rwx--x--x");

    private final Path directory;
    private final FileChannel lock;

    private RunDirectory(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * A new one in this directory, from which what this user's earlier ones have left is removed.
     *
     * @throws OpenmeException if it can't be made
     */
    public static RunDirectory in(Path parent) {
        try {
            Path directory = Files.createTempDirectory(parent, PREFIX);
            removeLeftovers(parent, directory);
            FileChannel lock =
                    FileChannel.open(directory.resolve(LOCK), StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
            lock.lock();
            Files.setPosixFilePermissions(directory, PASSABLE);
            return new RunDirectory(directory, lock);
        } catch (IOException e) {
            throw new OpenmeException("there is no place for the helper's socket in " + parent + ": " + e, e);
        }
    }

    /** Where the helper is to listen. */
    public Path socket() {
        return directory.resolve(SOCKET);
    }

    @Override
    public void close() {
        remove();
    }

    /** Closes it: there is nothing left of it afterwards. Idempotent. */
    public void remove() {
        try (lock) {
            delete(directory);
        } catch (IOException e) {
            LOG.debug("{} is left", directory, e);
        }
    }

    private static void removeLeftovers(Path parent, Path ours) throws IOException {
        PosixFileAttributes like = attributes(ours);
        try (DirectoryStream<Path> all = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path each : all) {
                removeIfLeft(each, like);
            }
        }
    }

    private static void removeIfLeft(Path directory, PosixFileAttributes like) {
        try {
            PosixFileAttributes its = attributes(directory);
            // Of our own, and not by a link: so nobody else changes what is in it meanwhile.
            if (!its.isDirectory()
                    || !its.owner().equals(like.owner())
                    || !its.permissions().equals(PASSABLE)) {
                return;
            }
            try (FileChannel lock =
                    FileChannel.open(directory.resolve(LOCK), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                if (lock.tryLock() != null) {
                    delete(directory);
                    LOG.info("Removed {}, which a doorman that was killed had left", directory);
                }
            }
        } catch (IOException e) {
            // It costs no more than a directory that stays; one without a lock is somebody else's business.
            LOG.debug("{} is left", directory, e);
        }
    }

    private static PosixFileAttributes attributes(Path directory) throws IOException {
        return Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    /** Only what we make is removed: with anything else in it, the directory stays. */
    private static void delete(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve(SOCKET));
        Files.deleteIfExists(directory.resolve(LOCK));
        Files.deleteIfExists(directory);
    }
}
