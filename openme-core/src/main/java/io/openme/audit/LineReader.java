package io.openme.audit;

import io.openme.spi.OpenmeException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the lines of several files, one after the other. */
final class LineReader implements Closeable {
    private final Deque<Path> files;
    private @Nullable Path file;
    private @Nullable InputStream in;
    private long number;

    LineReader(List<Path> files) {
        this.files = new ArrayDeque<>(files);
    }

    /**
     * A line and its place.
     *
     * @param hash of its bytes, the line end included if it has one
     * @param hasEnd whether it has one
     * @param parsed empty if it is no line of an audit log
     */
    record Line(Path file, long number, String hash, boolean hasEnd, Optional<AuditLine> parsed) {}

    /** The next line; null after the last. */
    @Nullable
    Line next() throws IOException {
        while (true) {
            InputStream open = in;
            Path from = file;
            if (open == null || from == null) {
                Path following = files.poll();
                if (following == null) {
                    return null;
                }
                file = following;
                in = new BufferedInputStream(Files.newInputStream(following), 1 << 16);
                number = 0;
                continue;
            }
            byte[] bytes = read(open, from);
            if (bytes.length > 0) {
                number++;
                boolean hasEnd = bytes[bytes.length - 1] == '\n';
                return new Line(from, number, AuditHead.hash(bytes), hasEnd, AuditLine.parse(bytes));
            }
            close();
        }
    }

    private static byte[] read(InputStream in, Path file) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        int b;
        do {
            b = in.read();
            if (b >= 0) {
                line.write(b);
            }
            if (line.size() > AuditLine.LONGEST) {
                throw new OpenmeException(file + " has a line of more than " + AuditLine.LONGEST
                        + " bytes; is it an audit log, and not compressed?");
            }
        } while (b >= 0 && b != '\n');
        return line.toByteArray();
    }

    @Override
    public void close() throws IOException {
        InputStream old = in;
        in = null;
        if (old != null) {
            old.close();
        }
    }
}
