package io.openme.internal.state;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * The directory of a {@link GrantFile}: nobody else's to write, and one doorman's at a time. Whoever can write there can let
 * himself in without a knock.
 */
class StateDirectory {
    private static final Set<PosixFilePermission> OTHERS_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private static final Set<PosixFilePermission> OURS = PosixFilePermissions.fromString("rw-------");

    private final Path path;

    StateDirectory(Path path) {
        this.path = path;
    }

    Path file(String name) {
        return path.resolve(name);
    }

    /** Makes it, for this user only, if it is not there. */
    void make() throws IOException {
        if (!Files.isDirectory(path)) {
            Files.createDirectories(path);
            if (isPosix(path)) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
            }
        }
        requireOurs(path);
    }

    /** Locks it until the channel is closed. */
    FileChannel lock(Path file) throws IOException {
        return ExclusiveLock.take(
                open(file),
                "the state in " + path + " is in use by another doorman; stop that one, or name another directory");
    }

    /** Opens a file, or makes it for this user only: whoever can read a file can also hold a lock of it. */
    FileChannel open(Path file) throws IOException {
        boolean posix = isPosix(path);
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                posix ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OURS)} : new FileAttribute<?>[0]);
        try {
            requireOurs(file);
            if (posix) {
                Files.setPosixFilePermissions(file, OURS);
            }
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Puts one file in the place of another, at once or not at all. */
    void replace(Path fresh, Path old) throws IOException {
        Files.move(fresh, old, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    /** Makes what files there are outlive a loss of power. */
    void force() throws IOException {
        if (isPosix(path)) { // Windows does not open directories, and does not need to
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private static void requireOurs(Path file) throws IOException {
        if (!isPosix(file)) {
            return;
        }
        PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
        Optional<String> user = ProcessHandle.current().info().user();
        String owner = attributes.owner().getName();
        if (user.isPresent() && !owner.equals(user.get()) && !owner.equals("root")) {
            throw new IOException(file + " belongs to " + owner + ", who could put grants there");
        }
        if (attributes.permissions().stream().anyMatch(OTHERS_WRITE::contains)) {
            throw new IOException("others may write to " + file + " ("
                    + PosixFilePermissions.toString(attributes.permissions()) + ") and could put grants there");
        }
    }

    private static boolean isPosix(Path path) throws IOException {
        return Files.getFileStore(path).supportsFileAttributeView("posix");
    }
}
