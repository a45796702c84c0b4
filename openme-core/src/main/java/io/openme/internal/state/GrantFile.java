package io.openme.internal.state;

import io.openme.doorman.Client;
import io.openme.internal.grants.Grant;
import io.openme.internal.grants.GrantTable;
import io.openme.protocol.IpLiteral;
import io.openme.spi.Opening;
import io.openme.spi.OpenmeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The grants on disk, so that a doorman that was killed finds them again.
 *
 * <p>A line a grant, with a checksum; new ones are appended. A line is taken back by overwriting its first byte in place,
 * which needs no room: a grant can be closed even when the disk is full, and a crash at any byte leaves the line either as
 * it was or void. A line that was not written whole fails its checksum and counts for nothing. When most lines are void the
 * live ones are written to a new file, which takes the place of the old one whole or not at all.
 *
 * <p>Written before a client is told {@code OK}, and forced to the disk. Used by one thread.
 */
public final class GrantFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GrantFile.class);
    private static final String NAME = "grants";
    private static final byte VOID = 'x';
    private static final int SMALL = 64 * 1024;
    private static final int LONGEST = 1 << 30;

    private final Path file;
    private final Path temporary;
    private final FileChannel lockFile;
    private final Clock clock;
    private final Supplier<Optional<HostUptime>> uptime;
    private final Map<Key, Line> lines = new LinkedHashMap<>();
    private FileChannel channel;
    private long end;
    private long live;

    private record Key(String fingerprint, Opening opening) {}

    private record Line(Grant grant, long at, int length) {}

    private GrantFile(Path directory, Clock clock, Supplier<Optional<HostUptime>> uptime) throws IOException {
        this.file = directory.resolve(NAME);
        this.temporary = directory.resolve(NAME + ".new");
        this.clock = clock;
        this.uptime = uptime;
        this.lockFile = FileChannel.open(
                directory.resolve(NAME + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        this.channel = open(file);
    }

    /**
     * Opens the state in this directory, which is made if it is not there, readable by its owner only.
     *
     * @throws OpenmeException if it can't be used, or another doorman uses it
     */
    public static GrantFile open(Path directory, Clock clock) {
        return open(directory, clock, HostUptime::now);
    }

    static GrantFile open(Path directory, Clock clock, Supplier<Optional<HostUptime>> uptime) {
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(directory);
                if (Files.getFileStore(directory).supportsFileAttributeView("posix")) {
                    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
                }
            }
            GrantFile state = new GrantFile(directory, clock, uptime);
            try {
                state.lock();
                state.read();
                return state;
            } catch (IOException | RuntimeException e) {
                state.close();
                throw e;
            }
        } catch (IOException e) {
            throw new OpenmeException(
                    "the state directory " + directory + " can't be used: " + e
                            + "; name one that this user may write to, or run without",
                    e);
        }
    }

    /** The grants that have not ended, with the ends that they now have by the clock. */
    public List<Grant> grants() {
        return lines.values().stream().map(Line::grant).toList();
    }

    /**
     * Writes what has changed. Where the new grants can't be written - the disk is full - they are lost to the next run, which
     * then closes them; what is taken back is taken back all the same.
     */
    public void write(GrantTable.Committed committed) {
        if (committed.isEmpty()) {
            return;
        }
        try {
            for (Grant grant : committed.gone()) {
                strike(lines.remove(key(grant)));
            }
            if (!committed.granted().isEmpty()) {
                append(committed.granted());
            }
            channel.force(false);
            if (end - live > Math.max(SMALL, live)) {
                compact();
            }
        } catch (IOException e) {
            LOG.warn(
                    "The grants can't be written to {}: {}; a restart would close what is not there",
                    file,
                    e.toString());
        }
    }

    @Override
    public void close() {
        closeQuietly(channel);
        closeQuietly(lockFile);
    }

    private void append(List<Grant> granted) throws IOException {
        Optional<HostUptime> up = uptime.get();
        Instant now = clock.instant();
        StringBuilder text = new StringBuilder();
        List<Line> added = new ArrayList<>();
        for (Grant grant : granted) {
            String line = text(grant, now, up);
            added.add(new Line(grant, end + text.length(), line.length()));
            text.append(line);
        }
        try {
            writeAt(end, text.toString());
        } catch (IOException e) {
            // What was written of it is no line, and the next one begins where it began.
            channel.truncate(end);
            granted.forEach(grant -> strikeQuietly(lines.remove(key(grant))));
            throw e;
        }
        end += text.length();
        live += text.length();
        for (Line line : added) {
            // The old line only goes when the new one is there: a crash between them leaves both, and the later one
            // counts.
            strike(lines.put(key(line.grant), line));
        }
    }

    private void strike(@Nullable Line line) throws IOException {
        if (line != null) {
            live -= line.length;
            channel.write(ByteBuffer.wrap(new byte[] {VOID}), line.at);
        }
    }

    private void strikeQuietly(@Nullable Line line) {
        try {
            strike(line);
        } catch (IOException e) {
            LOG.debug("A line of {} can't be struck", file, e);
        }
    }

    private void compact() throws IOException {
        List<Grant> all = grants();
        Optional<HostUptime> up = uptime.get();
        Instant now = clock.instant();
        Map<Key, Line> moved = new LinkedHashMap<>();
        StringBuilder text = new StringBuilder();
        for (Grant grant : all) {
            String line = text(grant, now, up);
            moved.put(key(grant), new Line(grant, text.length(), line.length()));
            text.append(line);
        }
        FileChannel fresh = open(temporary);
        try {
            fresh.truncate(0);
            writeFully(fresh, 0, text.toString());
            fresh.force(true);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            closeQuietly(fresh);
            Files.deleteIfExists(temporary);
            throw e;
        }
        closeQuietly(channel);
        channel = fresh;
        lines.clear();
        lines.putAll(moved);
        end = text.length();
        live = end;
    }

    private void lock() throws IOException {
        FileLock lock = null;
        try {
            lock = lockFile.tryLock();
        } catch (OverlappingFileLockException e) {
            // Another doorman of this process; the same as one of another process.
        }
        if (lock == null) {
            throw new OpenmeException("the state in " + file.getParent()
                    + " is in use by another doorman; stop that one, or name another directory");
        }
    }

    private void read() throws IOException {
        if (channel.size() > LONGEST) {
            throw new IOException(file + " is larger than any state of ours: " + channel.size() + " bytes");
        }
        ByteBuffer content = ByteBuffer.allocate((int) channel.size());
        while (content.hasRemaining() && channel.read(content, content.position()) >= 0) {
            // A short read goes on.
        }
        String text = new String(content.array(), 0, content.position(), StandardCharsets.US_ASCII);
        Map<String, Client> clients = new HashMap<>();
        Optional<HostUptime> up = uptime.get();
        Instant now = clock.instant();
        int from = 0;
        for (int to = text.indexOf('\n'); to >= 0; from = to + 1, to = text.indexOf('\n', from)) {
            Line line = read(text.substring(from, to), from, clients, now, up);
            if (line != null) {
                // A crash between a new line and the end of the old one leaves both; the new one counts.
                strike(lines.put(key(line.grant), line));
                if (!line.grant.until().isAfter(now)) {
                    // It has ended, whatever a clock that is set back says after the host's next start.
                    strike(lines.remove(key(line.grant)));
                }
            }
        }
        // A last line without its end is what a crash left of it.
        channel.truncate(from);
        end = from;
        live = lines.values().stream().mapToLong(Line::length).sum();
    }

    private static @Nullable Line read(
            String line, long at, Map<String, Client> clients, Instant now, Optional<HostUptime> up) {
        String[] words = line.split(" ", -1);
        if (words.length != 8
                || !words[0].equals("g")
                || !checksum(line, words[7]).equals(words[7])) {
            return null;
        }
        try {
            Client client = clients.computeIfAbsent(words[1], GrantFile::client);
            Instant until = Instant.ofEpochMilli(Long.parseLong(words[4]));
            if (up.isPresent() && up.get().boot().equals(words[5])) {
                until = now.plus(Duration.ofMillis(Long.parseLong(words[6]))
                        .minus(up.get().uptime()));
            }
            Opening opening = new Opening(IpLiteral.parse(words[2]).orElseThrow(), words[3]);
            return new Line(new Grant(client, opening, until), at, line.length() + 1);
        } catch (RuntimeException e) {
            LOG.warn("A grant of an earlier run can't be read and is dropped: {}", e.toString());
            return null;
        }
    }

    /** {@code g CERTIFICATE ADDRESS SERVICE UNTIL BOOT UNTIL-BY-UPTIME CHECKSUM}; the checksum leaves the first byte out. */
    private static String text(Grant grant, Instant now, Optional<HostUptime> up) {
        String body = "g " + certificate(grant.client()) + " "
                + IpLiteral.format(grant.opening().source()) + " "
                + grant.opening().service() + " "
                + grant.until().toEpochMilli() + " " + up.map(HostUptime::boot).orElse("-") + " "
                + up.map(u -> u.uptime()
                                .plus(Duration.between(now, grant.until()))
                                .toMillis())
                        .orElse(0L) + " ";
        return body + checksum(body, "") + "\n";
    }

    private static String checksum(String line, String itself) {
        CRC32 crc = new CRC32();
        crc.update(line.substring(1, line.length() - itself.length()).getBytes(StandardCharsets.US_ASCII));
        return Long.toHexString(crc.getValue());
    }

    private static String certificate(Client client) {
        try {
            return Base64.getEncoder().encodeToString(client.certificate().getEncoded());
        } catch (CertificateException e) {
            throw new IllegalStateException("the certificate was decoded before", e);
        }
    }

    private static Client client(String base64) {
        try {
            return Client.of((X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(
                            new ByteArrayInputStream(Base64.getDecoder().decode(base64))));
        } catch (CertificateException e) {
            throw new IllegalArgumentException("the certificate can't be read", e);
        }
    }

    private static Key key(Grant grant) {
        return new Key(grant.client().fingerprint(), grant.opening());
    }

    private void writeAt(long position, String text) throws IOException {
        writeFully(channel, position, text);
    }

    private static void writeFully(FileChannel to, long position, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
            to.write(bytes, position + bytes.position());
        }
    }

    private static FileChannel open(Path path) throws IOException {
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (Files.getFileStore(path).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        }
        return channel;
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("Closing failed", e);
        }
    }
}
