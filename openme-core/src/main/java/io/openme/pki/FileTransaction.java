package io.openme.pki;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes several files of a directory as one: all are complete on the disk under other names before the first gets its
 * own, so a full disk changes nothing. Nobody else writes there meanwhile, in this process or another. A file is
 * readable by no more people than it is meant for, from the moment it is there.
 */
final class FileTransaction implements AutoCloseable {
    /** A lock on a file belongs to the process, so its threads need one of their own. */
    private static final ReentrantLock IN_PROCESS = new ReentrantLock();

    private static final String LOCK = ".lock";
    private static final String TEMPORARY = ".new-";

    private final Path directory;
    private final FileChannel lock;
    private final Map<Path, Path> temporaries = new LinkedHashMap<>();

    private FileTransaction(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /** Waits until nobody else writes there. Makes the directory if there is none, for its owner only. */
    static FileTransaction begin(Path directory) throws IOException {
        IN_PROCESS.lock();
        FileChannel lock = null;
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(directory, mode(directory, "rwx------"));
            }
            lock = FileChannel.open(
                    directory.resolve(LOCK),
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                    mode(directory, "rw-------"));
            lock.lock();
            FileTransaction begun = new FileTransaction(directory, lock);
            begun.removeRestOfACrash();
            return begun;
        } catch (IOException | RuntimeException e) {
            if (lock != null) {
                lock.close();
            }
            IN_PROCESS.unlock();
            throw e;
        }
    }

    /** Adds a file that must not be there yet. */
    void create(String name, byte[] content, boolean secret) throws IOException {
        if (exists(name)) {
            throw new CaException(directory.resolve(name) + " is there already, and is not overwritten;"
                    + " move it away or choose another name");
        }
        replace(name, content, secret);
    }

    /** Adds a file that takes the place of another, if there is one. */
    void replace(String name, byte[] content, boolean secret) throws IOException {
        Path temporary = directory.resolve(TEMPORARY + name);
        temporaries.put(directory.resolve(name), temporary);
        try (FileChannel out = FileChannel.open(
                temporary,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                mode(directory, secret ? "rw-------" : "rw-r--r--"))) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                out.write(rest);
            }
            out.force(true);
        }
    }

    boolean exists(String name) {
        return Files.exists(directory.resolve(name), LinkOption.NOFOLLOW_LINKS);
    }

    /** Gives the files their names, in the order they were added. */
    void commit() throws IOException {
        var left = temporaries.entrySet().iterator();
        while (left.hasNext()) {
            var each = left.next();
            Files.move(
                    each.getValue(),
                    each.getKey(),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            left.remove();
        }
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        } catch (IOException e) {
            // Not every system can flush a directory; then the names are on the disk a little later.
            return;
        }
    }

    /** Ends it; what was not committed is gone. */
    @Override
    public void close() throws IOException {
        try (lock) {
            for (Path temporary : temporaries.values()) {
                Files.deleteIfExists(temporary);
            }
        } finally {
            IN_PROCESS.unlock();
        }
    }

    private void removeRestOfACrash() throws IOException {
        try (var rest = Files.newDirectoryStream(directory, TEMPORARY + "*")) {
            for (Path each : rest) {
                Files.delete(each);
            }
        }
    }

    private static FileAttribute<?>[] mode(Path on, String permissions) {
        return on.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}
