package io.openme.audit;

import io.openme.spi.OpenmeException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The file that lines are appended to: whichever has the path now. Not safe for use by several threads. */
class AuditFile implements Closeable {
    private static final Set<OpenOption> APPENDING = Set.of(
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            // A link could lead anywhere, and the lines of a stranger's name would be written there.
            LinkOption.NOFOLLOW_LINKS);

    private final Path path;
    private @Nullable FileChannel channel;
    private @Nullable Object key;

    AuditFile(Path path) {
        this.path = path;
    }

    /** Opens a regular file, or makes it for this user only. */
    static FileChannel open(Path path) throws IOException {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] ours = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        // Before it is opened: opening a pipe would wait for its reader.
        Optional<BasicFileAttributes> there = attributes(path);
        if (there.isPresent() && !there.get().isRegularFile()) {
            throw new IOException(path + " is no regular file");
        }
        return FileChannel.open(path, APPENDING, ours);
    }

    /** Whether lines go to what has the path. After a rotation they do not. */
    boolean isCurrent() throws IOException {
        Optional<BasicFileAttributes> there = attributes(path);
        return channel != null
                && there.isPresent()
                && Objects.equals(there.get().fileKey(), key);
    }

    /** Opens what has the path, or makes it. What is behind the last line end there becomes a line, torn as it is. */
    Tail open() throws IOException {
        close();
        FileChannel fresh;
        Optional<BasicFileAttributes> before;
        do {
            fresh = open(path);
            before = attributes(path);
            // Rotated in between, it would be taken for current for ever.
        } while (before.isEmpty());
        channel = fresh;
        key = before.get().fileKey();
        try {
            return tail(fresh);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Appends all of it or, where that can be helped, nothing. In one write, as far as the host does that. */
    void append(byte[] line) throws IOException {
        FileChannel current = Objects.requireNonNull(channel, "it is open");
        ByteBuffer bytes = ByteBuffer.wrap(line);
        long start = current.size();
        current.position(start);
        try {
            while (bytes.hasRemaining()) {
                write(current, bytes);
            }
        } catch (IOException e) {
            takeBack(current, start, e);
            throw e;
        }
    }

    private static void takeBack(FileChannel file, long size, IOException cause) {
        try {
            file.truncate(size);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** The one write to the host; tests let it fail. */
    void write(FileChannel to, ByteBuffer bytes) throws IOException {
        to.write(bytes);
    }

    /** Makes what was appended outlive a loss of power. */
    void force() throws IOException {
        if (channel != null) {
            channel.force(false);
        }
    }

    @Override
    public void close() throws IOException {
        FileChannel old = channel;
        channel = null;
        if (old != null) {
            old.close();
        }
    }

    /**
     * How a file ended when it was opened.
     *
     * @param head of its last line; empty if it holds none
     * @param torn whether the last line had no end, as after a crash
     * @param stray the hash of its only line, if that is none of an audit log: torn by a crash, or somebody else's file
     */
    record Tail(Optional<AuditHead> head, boolean torn, Optional<String> stray) {}

    static OpenmeException foreign(Path path) {
        return new OpenmeException(path + " is there, but holds no line of an audit log; name another file");
    }

    private Tail tail(FileChannel file) throws IOException {
        long size = file.size();
        byte[] end = new byte[(int) Math.min(size, AuditLine.LONGEST)];
        ByteBuffer bytes = ByteBuffer.wrap(end);
        while (bytes.hasRemaining() && file.read(bytes, size - end.length + bytes.position()) >= 0) {
            // The rest.
        }
        boolean torn = end.length > 0 && end[end.length - 1] != '\n';
        if (torn) {
            append(new byte[] {'\n'});
            end = Arrays.copyOf(end, end.length + 1);
            end[end.length - 1] = '\n';
        }
        Optional<AuditHead> head = torn && isBeginning(end) ? Optional.of(AuditHead.NONE.then(end)) : last(end);
        Optional<String> stray = size > 0 && size < AuditLine.LONGEST && isStray(end)
                ? Optional.of(AuditHead.hash(end))
                : Optional.empty();
        if (size > 0 && head.isEmpty() && stray.isEmpty()) {
            throw foreign(path);
        }
        return new Tail(head, torn, stray);
    }

    private static boolean isStray(byte[] all) {
        int end = 0;
        while (all[end] != '\n') {
            end++;
        }
        return end == all.length - 1 && AuditLine.parse(all).isEmpty();
    }

    /** Whether a file is the beginning of a line and nothing more: there was a crash in the very first one. */
    private static boolean isBeginning(byte[] all) {
        String text = new String(all, StandardCharsets.ISO_8859_1).strip();
        String beginning = "{\"prev\":\"" + AuditHead.NONE.hash();
        return text.indexOf('\n') < 0 && (beginning.startsWith(text) || text.startsWith(beginning));
    }

    /** A line that is none, torn as it was left by a crash, has a number all the same: the next one was chained to it. */
    private static Optional<AuditHead> last(byte[] lines) {
        Optional<AuditHead> head = Optional.empty();
        int from = 0;
        for (int i = 0; i < lines.length; i++) {
            if (lines[i] == '\n') {
                byte[] line = Arrays.copyOfRange(lines, from, i + 1);
                from = i + 1;
                Optional<AuditHead> before = head;
                head = AuditLine.parse(line).map(AuditLine::head).or(() -> before.map(h -> h.then(line)));
            }
        }
        return head;
    }

    private static Optional<BasicFileAttributes> attributes(Path path) throws IOException {
        try {
            return Optional.of(Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
