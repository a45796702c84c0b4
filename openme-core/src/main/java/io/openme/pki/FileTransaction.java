package io.openme.pki;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes several files of a directory as one: all are complete on the disk under other names before the first gets its
 * own, so a full disk changes nothing. What a crash interrupts after that, the next one that begins there finishes, so a
 * new certificate never stays beside an old key. Nobody else writes there meanwhile, in this process or another. A file
 * is readable by no more people than it is meant for, from the moment it is there.
 */
final class FileTransaction implements AutoCloseable {
    /** A lock on a file belongs to the process, so its threads need one of their own. */
    private static final ReentrantLock IN_PROCESS = new ReentrantLock();

    private static final String LOCK = ".lock";
    private static final String TEMPORARY = ".new-";

    /** While it is there, the files that it names, one a line, are complete and on their way to their names. */
    static final String JOURNAL = ".commit";

    private final Path directory;
    private final FileChannel lock;
    private final Set<String> names = new LinkedHashSet<>();
    private boolean committed;

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
            begun.finishWhatACrashLeft();
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
        names.add(name);
        write(temporary(name), content, secret);
    }

    Path directory() {
        return directory;
    }

    boolean exists(String name) {
        return Files.exists(directory.resolve(name), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Gives the files their names, in the order they were added. If that fails half-way, whoever begins next there goes on
     * with it.
     */
    void commit() throws IOException {
        Path journal = temporary(JOURNAL);
        names.add(JOURNAL);
        write(journal, String.join("\n", names).getBytes(StandardCharsets.UTF_8), true);
        flushNames();
        move(journal, directory.resolve(JOURNAL));
        committed = true;
        flushNames();
        finish();
    }

    /** Ends it; what was not committed is gone. */
    @Override
    public void close() throws IOException {
        try (lock) {
            if (!committed) {
                for (String name : names) {
                    Files.deleteIfExists(temporary(name));
                }
            }
        } finally {
            IN_PROCESS.unlock();
        }
    }

    /** Writes a file somewhere else that must not be there yet, for its owner only; all of it or nothing. */
    static void writeNew(Path file, byte[] content) {
        try {
            write(file, content, true);
        } catch (FileAlreadyExistsException e) {
            throw new CaException(file + " is there already, and is not overwritten; choose another name", e);
        } catch (IOException e) {
            throw new CaException(
                    "can't write " + file + " (" + e + "); check the directory and the space on the disk", e);
        }
    }

    private void finishWhatACrashLeft() throws IOException {
        if (exists(JOURNAL)) {
            finish();
        }
        try (var rest = Files.newDirectoryStream(directory, TEMPORARY + "*")) {
            for (Path each : rest) {
                Files.delete(each);
            }
        }
    }

    private void finish() throws IOException {
        Path journal = directory.resolve(JOURNAL);
        for (String name : Files.readAllLines(journal)) {
            if (exists(TEMPORARY + name)) {
                move(temporary(name), directory.resolve(name));
            }
        }
        flushNames();
        Files.delete(journal);
    }

    private static void write(Path file, byte[] content, boolean secret) throws IOException {
        try (FileChannel out = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                mode(file, secret ? "rw-------" : "rw-r--r--"))) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                out.write(rest);
            }
            out.force(true);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    private static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void flushNames() {
        try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
            entries.force(true);
        } catch (IOException e) {
            // Not every system can flush a directory; then the names are on the disk a little later.
            return;
        }
    }

    private Path temporary(String name) {
        return directory.resolve(TEMPORARY + name);
    }

    private static FileAttribute<?>[] mode(Path on, String permissions) {
        return on.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}
