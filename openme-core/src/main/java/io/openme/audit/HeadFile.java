package io.openme.audit;

import io.openme.internal.state.ExclusiveLock;
import io.openme.spi.OpenmeException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A small file beside the log with the head of the chain: a log that was rotated while nobody wrote goes on where it ended,
 * and one whose end is gone is found out. Its lock keeps a second doorman away.
 */
final class HeadFile implements Closeable {
    private static final Pattern FORM = Pattern.compile(" *([0-9]{1,18}) ([0-9a-f]{64})\n");
    private static final int LENGTH = 20 + 1 + 64 + 1;

    private final FileChannel channel;

    private HeadFile(FileChannel channel) {
        this.channel = channel;
    }

    static Path beside(Path log) {
        return log.resolveSibling(log.getFileName() + ".head");
    }

    /**
     * Opens it, or makes it for this user only.
     *
     * @throws OpenmeException if another doorman writes this log
     */
    static HeadFile open(Path log) throws IOException {
        return new HeadFile(ExclusiveLock.take(
                AuditFile.open(beside(log)),
                "the audit log " + log + " is written by another doorman; stop that one, or name another file"));
    }

    /** What the one beside this log says; empty if there is none, or it makes no sense. */
    static Optional<AuditHead> read(Path log) throws IOException {
        Path file = beside(log);
        return Files.isRegularFile(file) && Files.size(file) == LENGTH
                ? parse(Files.readAllBytes(file))
                : Optional.empty();
    }

    Optional<AuditHead> read() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
        while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) >= 0) {
            // The rest.
        }
        return parse(bytes.array());
    }

    void write(AuditHead head) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(String.format(Locale.ROOT, "%20d %s\n", head.sequence(), head.hash())
                .getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
            channel.write(bytes, bytes.position());
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static Optional<AuditHead> parse(byte[] bytes) {
        Matcher matcher = FORM.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
        return matcher.matches()
                ? Optional.of(new AuditHead(Long.parseLong(matcher.group(1)), matcher.group(2)))
                : Optional.empty();
    }
}
