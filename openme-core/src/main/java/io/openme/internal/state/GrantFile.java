package io.openme.internal.state;

import io.openme.internal.grants.Grant;
import io.openme.internal.grants.GrantTable;
import io.openme.spi.Opening;
import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The grants on disk, so that a doorman that was killed finds them again.
 *
 * <p>A {@link GrantLine line} a grant; new ones are appended. A line is taken back by overwriting its first byte in place,
 * which needs no room: a grant can be closed even when the disk is full, and a crash at any byte leaves the line either as
 * it was or void. A line that was not written whole fails its checksum and counts for nothing; of two lines of one grant the
 * later one counts. When most lines are void the live ones are written to a new file, which takes the place of the old one
 * whole or not at all.
 *
 * <p>Written before a client is told {@code OK}, and forced to the disk. Used by one thread.
 */
public final class GrantFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GrantFile.class);
    private static final String NAME = "grants";
    private static final byte VOID = 'x';
    private static final int SMALL = 64 * 1024;
    private static final int LONGEST = 1 << 30;

    private final StateDirectory directory;
    private final Path file;
    private final Path temporary;
    private final FileChannel lock;
    private final Clock clock;
    private final Supplier<Optional<HostUptime>> uptime;
    private final int small;

    private final Map<Key, Grant> grants = new LinkedHashMap<>();
    /** The one line on the disk that counts for a grant; it may say an earlier end than the grant has. */
    private final Map<Key, Line> lines = new HashMap<>();
    /** Grants whose end no line says. */
    private final Set<Key> unwritten = new LinkedHashSet<>();
    /** Lines that are to be void and may not be. */
    private final Set<Line> condemned = new HashSet<>();
    /** Whether the file may hold something else than is known here, so that only a new one will do. */
    private boolean damaged;

    private volatile boolean complained;
    private FileChannel channel;
    private long end;
    private long live;

    private record Key(String fingerprint, Opening opening) {}

    private record Line(Instant until, long at, int length) {}

    private GrantFile(StateDirectory directory, Clock clock, Supplier<Optional<HostUptime>> uptime, int small)
            throws IOException {
        this.directory = directory;
        this.file = directory.file(NAME);
        this.temporary = directory.file(NAME + ".new");
        this.clock = clock;
        this.uptime = uptime;
        this.small = small;
        this.lock = directory.lock(directory.file(NAME + ".lock"));
        try {
            this.channel = directory.open(file);
        } catch (IOException | RuntimeException e) {
            closeQuietly(lock);
            throw e;
        }
    }

    /**
     * Opens the state in this directory, which is made if it is not there, readable by its owner only.
     *
     * @throws OpenmeException if it can't be used, somebody else may write there, or another doorman uses it
     */
    public static GrantFile open(Path directory, Clock clock) {
        return open(directory, clock, HostUptime::now);
    }

    static GrantFile open(Path directory, Clock clock, Supplier<Optional<HostUptime>> uptime) {
        try {
            return open(new StateDirectory(directory), clock, uptime, SMALL);
        } catch (IOException e) {
            throw new OpenmeException(
                    "the state directory " + directory + " can't be used: " + e
                            + "; name one that only this user may write to, or one that is not there yet, or run without",
                    e);
        }
    }

    /** @param small how many bytes of void lines are no reason for a new file */
    static GrantFile open(StateDirectory directory, Clock clock, Supplier<Optional<HostUptime>> uptime, int small)
            throws IOException {
        directory.make();
        GrantFile state = new GrantFile(directory, clock, uptime, small);
        try {
            state.read();
            directory.force();
            return state;
        } catch (IOException | RuntimeException e) {
            state.close();
            throw e;
        }
    }

    /** The grants that have not ended, with the ends that they now have by the clock. */
    public List<Grant> grants() {
        return List.copyOf(grants.values());
    }

    /**
     * Writes what has changed, and what could not be written before. Where a grant can't be written - the disk is full - the
     * next run finds what was written of it before, if that ends no later than the grant, and else nothing: then it closes
     * it. What is taken back is taken back all the same; where not even that can be written, the whole file goes.
     */
    public void write(GrantTable.Committed committed) {
        for (Grant grant : committed.gone()) {
            grants.remove(key(grant));
            unwritten.remove(key(grant));
            condemn(key(grant));
        }
        for (Grant grant : committed.granted()) {
            grants.put(key(grant), grant);
            unwritten.add(key(grant));
        }
        if (isWritten()) {
            return;
        }
        @Nullable Throwable failure = tryTo(this::save);
        if (failure != null && (damaged || !condemned.isEmpty())) {
            failure = tryTo(this::rewrite);
            if (failure != null) {
                // A grant that is lost closes at the next start; one that was taken back would open.
                failure = Optional.ofNullable(tryTo(this::drop)).orElse(failure);
            }
        }
        tell(failure);
    }

    /** What keeps the grants from the disk, in words; empty if nothing does. Any thread. */
    public Optional<String> problem() {
        return complained ? Optional.of("the grants can't be written to " + file) : Optional.empty();
    }

    @Override
    public void close() {
        closeQuietly(channel);
        closeQuietly(lock);
    }

    private boolean isWritten() {
        return unwritten.isEmpty() && condemned.isEmpty() && !damaged;
    }

    private interface Write {
        void run() throws IOException;
    }

    /** What the JVM lacks fails the write, never what the firewall has committed already. */
    private static @Nullable Throwable tryTo(Write write) {
        try {
            write.run();
            return null;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            return e;
        }
    }

    private void tell(@Nullable Throwable failure) {
        if (failure == null && complained) {
            LOG.info("The grants are in {} again", file);
        } else if (failure != null && !complained) {
            LOG.warn(
                    "The grants can't be written to {}: {}; {}",
                    file,
                    failure.toString(),
                    damaged || !condemned.isEmpty()
                            ? "a restart would open again what was closed there: remove it before"
                            : "a restart would close what is not there");
        } else if (failure != null) {
            LOG.debug("The grants still can't be written to {}: {}", file, failure.toString());
        }
        complained = failure != null;
    }

    private void save() throws IOException {
        if (damaged) {
            rewrite();
            return;
        }
        try {
            strike();
            append();
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // What an older line says too much must not outlive this; what it says too little is better than nothing.
            for (Key key : unwritten) {
                Line line = lines.get(key);
                Grant grant = grants.get(key);
                if (line != null && grant != null && line.until.isAfter(grant.until())) {
                    condemn(key);
                }
            }
            strike();
            force();
            throw e;
        }
        // The later line counts, so the order in which these come to the disk does not matter.
        strike();
        if (end - live > Math.max(small, live)) {
            rewrite();
        }
    }

    private void append() throws IOException {
        Optional<HostUptime> up = uptime.get();
        Instant now = clock.instant();
        StringBuilder text = new StringBuilder();
        Map<Key, Line> added = new LinkedHashMap<>();
        for (Key key : unwritten) {
            Grant grant = grants.get(key);
            if (grant != null) {
                String line = GrantLine.write(grant, now, up);
                added.put(key, new Line(grant.until(), end + text.length(), line.length()));
                text.append(line);
            }
        }
        try {
            writeFully(channel, end, text.toString());
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // Whole lines may be there, of which nobody would know any more.
            damaged = true;
            channel.truncate(end);
            damaged = false;
            throw e;
        }
        force();
        end += text.length();
        // The old lines only go now that the new ones are there: a crash between leaves both.
        added.forEach((key, line) -> {
            condemn(key);
            lines.put(key, line);
            live += line.length;
        });
        unwritten.clear();
    }

    private void condemn(Key key) {
        Line line = lines.remove(key);
        if (line != null) {
            live -= line.length;
            condemned.add(line);
        }
    }

    /** Voids what is condemned; one that can't be does not keep the others. */
    private void strike() throws IOException {
        @Nullable IOException failure = null;
        for (Line line : List.copyOf(condemned)) {
            try {
                channel.write(ByteBuffer.wrap(new byte[] {VOID}), line.at);
                condemned.remove(line);
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void force() throws IOException {
        try {
            channel.force(false);
        } catch (IOException e) {
            // Linux forgets what it could not write and says so only once.
            damaged = true;
            throw e;
        }
    }

    /** Writes a new file of what lives. */
    private void rewrite() throws IOException {
        Optional<HostUptime> up = uptime.get();
        Instant now = clock.instant();
        Map<Key, Line> written = new HashMap<>();
        StringBuilder text = new StringBuilder();
        grants.forEach((key, grant) -> {
            String line = GrantLine.write(grant, now, up);
            written.put(key, new Line(grant.until(), text.length(), line.length()));
            text.append(line);
        });
        FileChannel fresh = directory.open(temporary);
        try {
            fresh.truncate(0);
            writeFully(fresh, 0, text.toString());
            fresh.force(true);
            directory.replace(temporary, file);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            closeQuietly(fresh);
            directory.delete(temporary);
            throw e;
        }
        closeQuietly(channel);
        channel = fresh;
        end = text.length();
        live = end;
        lines.clear();
        lines.putAll(written);
        unwritten.clear();
        condemned.clear();
        damaged = true;
        directory.force();
        damaged = false;
    }

    /** Keeps nothing rather than too much. */
    private void drop() throws IOException {
        channel.truncate(0);
        end = 0;
        live = 0;
        lines.clear();
        condemned.clear();
        unwritten.addAll(grants.keySet());
        damaged = true;
        channel.force(true);
        damaged = false;
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
        Instant now = clock.instant();
        GrantLine.Reader reader = new GrantLine.Reader(now, uptime.get());
        int from = 0;
        for (int to = text.indexOf('\n'); to >= 0; from = to + 1, to = text.indexOf('\n', from)) {
            Line line = new Line(now, from, to + 1 - from);
            reader.read(text.substring(from, to)).ifPresent(grant -> take(grant, line));
        }
        // A last line without its end is what a crash left of it.
        channel.truncate(from);
        end = from;
        // What has ended has ended, whatever a clock that is set back says after the host's next start.
        grants.values().stream()
                .filter(grant -> !grant.until().isAfter(now))
                .map(GrantFile::key)
                .toList()
                .forEach(key -> {
                    grants.remove(key);
                    condemn(key);
                });
        strike();
        channel.force(false);
    }

    private void take(Grant grant, Line line) {
        // A crash between a new line and the end of the old one leaves both; the new one counts.
        condemn(key(grant));
        grants.put(key(grant), grant);
        lines.put(key(grant), new Line(grant.until(), line.at, line.length));
        live += line.length;
    }

    private static Key key(Grant grant) {
        return new Key(grant.client().fingerprint(), grant.opening());
    }

    private static void writeFully(FileChannel to, long position, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
            to.write(bytes, position + bytes.position());
        }
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("Closing failed", e);
        }
    }
}
