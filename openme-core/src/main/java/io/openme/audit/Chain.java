package io.openme.audit;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes lines, each with the hash of the one before. Without threads; not safe for use by several. */
final class Chain implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
    private static final Duration LONGEST_UNFORCED = Duration.ofSeconds(1);
    private static final long MOST_LINES_UNSAID = 10_000;

    private final Path path;
    private final AuditFile file;
    private final HeadFile headFile;
    private final Clock clock;
    private volatile AuditHead head;
    private AuditHead said;
    private LocalDate saidOn;
    private Instant forcedAt;
    private boolean unforced;
    private boolean headLost;

    private Chain(Path path, AuditFile file, HeadFile headFile, AuditHead head, Clock clock) {
        this.path = path;
        this.file = file;
        this.headFile = headFile;
        this.head = head;
        this.clock = clock;
        this.said = head;
        this.saidOn = today();
        this.forcedAt = clock.instant();
    }

    /** What is written, and in which event; it becomes a line only where its place in the chain is known. */
    record Entry(Instant at, String event, Consumer<Fields> fields) {}

    static Chain open(Path path, AuditFile file, Clock clock) throws IOException {
        HeadFile heads = HeadFile.open(path);
        try {
            Optional<AuditHead> known = heads.read();
            AuditFile.Tail tail = file.open();
            if (tail.torn()) {
                LOG.warn("The last line of the audit log {} is torn, as after a crash; going on behind it", path);
            }
            return new Chain(path, file, heads, start(path, known, tail), clock);
        } catch (IOException | RuntimeException e) {
            try (heads) {
                file.close();
            } catch (IOException later) {
                e.addSuppressed(later);
            }
            throw e;
        }
    }

    private static AuditHead start(Path path, Optional<AuditHead> known, AuditFile.Tail tail) {
        if (tail.stray().isEmpty()) {
            return resume(path, known, tail.head());
        }
        if (known.isPresent()) {
            LOG.warn("The only line of the audit log {} is none, as after a loss of power; going on behind it", path);
            return new AuditHead(known.get().sequence() + 1, tail.stray().get());
        }
        return tail.head().orElseThrow(() -> AuditFile.foreign(path));
    }

    /** Where they differ, the later one: lines that are gone stay missed, rather than be forgotten. */
    private static AuditHead resume(Path path, Optional<AuditHead> known, Optional<AuditHead> found) {
        AuditHead last = known.orElse(AuditHead.NONE);
        AuditHead there = found.orElse(AuditHead.NONE);
        if (there.sequence() > last.sequence() || there.equals(last)) {
            return there;
        }
        if (found.isPresent()) {
            LOG.warn(
                    "The audit log {} ends with line {}, but line {} was the last one written: lines were removed or lost;"
                            + " going on where they would be, so that openme audit verify keeps telling",
                    path,
                    there.sequence(),
                    last.sequence());
        }
        return last;
    }

    AuditHead head() {
        return head;
    }

    /**
     * Writes one line, to whichever file has the path now.
     *
     * @throws IOException if it is not written; it may be tried again
     */
    void append(Entry entry) throws IOException {
        reopen();
        Fields fields = Fields.begin(head, entry.at(), entry.event());
        entry.fields().accept(fields);
        byte[] line = fields.end().getBytes(StandardCharsets.US_ASCII);
        try {
            file.append(line);
        } catch (IOException e) {
            closeFile(e);
            throw e;
        }
        head = head.then(line);
        unforced = true;
        writeHead();
    }

    /** The line is there whatever becomes of this; trying it again would write it twice. */
    private void writeHead() {
        try {
            headFile.write(head);
            headLost = false;
        } catch (IOException e) {
            if (!headLost) {
                LOG.warn("The head of the audit log can't be written to {}", HeadFile.beside(path), e);
            }
            headLost = true;
        }
    }

    /** What is to do now and then: follow a rotation, bring lines to the disk, and tell the head to another log. */
    void tick() throws IOException {
        reopen();
        Instant now = clock.instant();
        Duration since = Duration.between(forcedAt, now);
        if (unforced && (since.compareTo(LONGEST_UNFORCED) >= 0 || since.isNegative())) {
            force();
            forcedAt = now;
        }
        boolean due = head.sequence() - said.sequence() >= MOST_LINES_UNSAID || !today().equals(saidOn);
        if (due && head.sequence() > said.sequence()) {
            sayHead();
        }
    }

    private void reopen() throws IOException {
        if (file.isCurrent()) {
            return;
        }
        // The torn line that a failed write leaves is ours; of any other end, what we know is true and what is there
        // not.
        AuditFile.Tail tail = file.open();
        Optional<String> stray = tail.stray();
        if (tail.torn()) {
            head = new AuditHead(
                    head.sequence() + 1,
                    stray.orElseGet(() -> tail.head().orElse(head).hash()));
        } else if (stray.isPresent() && !stray.get().equals(head.hash())) {
            file.close();
            throw AuditFile.foreign(path);
        }
    }

    private void force() throws IOException {
        try {
            file.force();
            unforced = false;
        } catch (IOException e) {
            closeFile(e);
            throw e;
        }
    }

    private void closeFile(IOException cause) {
        try {
            file.close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private void sayHead() {
        said = head;
        saidOn = today();
        LOG.info("The audit log {} is at line {} with the hash {}", path, said.sequence(), said.hash());
    }

    private LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    @Override
    public void close() throws IOException {
        try (headFile;
                file) {
            if (unforced) {
                file.force();
            }
        } finally {
            sayHead();
        }
    }
}
