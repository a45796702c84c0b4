package io.openme.audit;

import io.openme.audit.LineReader.Line;
import io.openme.audit.Verification.Fault;
import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether an audit log is what was written.
 *
 * <p>Each line has the hash of the one before, so a line that was changed, removed, inserted or moved does not fit any more,
 * wherever it is. The last line has none behind it, and who may write the file can write a whole new chain: both are found by
 * a hash that was kept elsewhere, or beside the log in {@code FILE.head}.
 */
public final class AuditVerifier {
    private final List<String> notes = new ArrayList<>();
    private final Optional<String> wanted;
    private final Optional<AuditHead> beside;
    private boolean wantedSeen;
    private boolean besideSeen;
    private long lines;
    private long first;
    private AuditHead head = AuditHead.NONE;
    private @Nullable String time;
    private @Nullable Line before;
    private @Nullable Fault fault;

    private AuditVerifier(Optional<String> wanted, Optional<AuditHead> beside) {
        this.wanted = wanted;
        this.beside = beside;
        see(AuditHead.NONE.hash());
    }

    /**
     * Reads an audit log to its first fault, or its end.
     *
     * @param files its parts, oldest first; only regular or other readable files, not compressed. Beside the last one a {@code
     *     FILE.head} is looked at if it is there
     * @param head the hash of a line that must be there; lines behind it are fine
     * @throws OpenmeException if a file can't be read
     * @throws IllegalArgumentException if there is no file, or the head is no hash
     */
    public static Verification verify(List<Path> files, Optional<String> head) {
        if (files.isEmpty()) {
            throw new IllegalArgumentException("there is no file to verify; name one");
        }
        head.filter(h -> !AuditHead.isHash(h)).ifPresent(h -> {
            throw new IllegalArgumentException(
                    "\"" + h + "\" is no hash; it has 64 lower-case hexadecimal digits, as verify prints");
        });
        Path last = files.get(files.size() - 1);
        try {
            // First: what is written meanwhile comes behind it.
            AuditVerifier verifier = new AuditVerifier(head, HeadFile.read(last));
            verifier.read(files);
            verifier.end(last);
            return new Verification(
                    verifier.lines,
                    verifier.first,
                    verifier.head,
                    Optional.ofNullable(verifier.time),
                    Optional.ofNullable(verifier.fault),
                    verifier.notes);
        } catch (IOException e) {
            throw new OpenmeException("the audit log can't be read: " + e, e);
        }
    }

    private void read(List<Path> files) throws IOException {
        try (LineReader reader = new LineReader(files)) {
            Line line = reader.next();
            while (line != null && fault == null) {
                Line next = reader.next();
                take(line, next);
                line = next;
            }
        }
    }

    private void take(Line line, @Nullable Line next) {
        AuditLine parsed = line.parsed().orElse(null);
        if (parsed == null) {
            takeTorn(line, next);
        } else if (before == null && lines == 0) {
            takeFirst(line, parsed);
        } else if (parsed.previous().equals(head.hash()) && parsed.sequence() == head.sequence() + 1) {
            accept(line, parsed);
        } else {
            fault = explain(line, parsed, next);
        }
    }

    private void takeFirst(Line line, AuditLine parsed) {
        if (parsed.sequence() == 1 && !parsed.previous().equals(AuditHead.NONE.hash())) {
            fault = at(line, "this first line was changed: no line can be before it");
            return;
        }
        begin(parsed.sequence());
        see(parsed.previous());
        accept(line, parsed);
    }

    private void begin(long number) {
        if (number > 1) {
            notes.add("begins with line " + number
                    + " of the chain; what was before is in older files, which were not named");
        }
        first = number;
    }

    private void accept(Line line, AuditLine parsed) {
        time = parsed.time();
        accept(line, parsed.head());
    }

    private void accept(Line line, AuditHead after) {
        before = line;
        head = after;
        lines++;
        see(after.hash());
    }

    private void see(String hash) {
        wantedSeen |= wanted.filter(hash::equals).isPresent();
        besideSeen |= beside.map(AuditHead::hash).filter(hash::equals).isPresent();
    }

    /** A crash leaves a line without its end. If the writer saw it when it went on, it is part of the chain. */
    private void takeTorn(Line line, @Nullable Line next) {
        if (!line.hasEnd()) {
            notes.add(line.file() + ":" + line.number()
                    + ": the last line is torn, as after a crash, and does not count");
            return;
        }
        Optional<AuditLine> after = next == null ? Optional.empty() : next.parsed();
        // Of the first line that is here only the next one knows the number.
        Optional<AuditHead> vouched = after.filter(n -> n.previous().equals(line.hash())
                        && n.sequence() > 1
                        && (lines == 0 || n.sequence() == head.sequence() + 2))
                .map(n -> new AuditHead(n.sequence() - 1, line.hash()));
        if (vouched.isEmpty()) {
            fault = at(line, "this is no line of an audit log; it was changed or put there");
            return;
        }
        AuditHead torn = vouched.get();
        if (lines == 0) {
            begin(torn.sequence());
        }
        notes.add(line.file() + ":" + line.number()
                + ": this line is torn, as after a crash; the chain goes on behind it");
        accept(line, torn);
    }

    /** The line after the one that does not fit tells which of the two is as it was written. */
    private Fault explain(Line line, AuditLine parsed, @Nullable Line next) {
        long expected = head.sequence() + 1;
        boolean vouched = next != null
                && next.parsed()
                        .filter(n -> n.previous().equals(parsed.hash()) && n.sequence() == parsed.sequence() + 1)
                        .isPresent();
        if (parsed.sequence() == 1 && parsed.previous().equals(AuditHead.NONE.hash())) {
            return at(line, "a new chain begins here, but line " + expected + " should follow");
        }
        if (parsed.previous().equals(head.hash())) {
            return at(line, "this line was changed: its number is " + parsed.sequence() + " instead of " + expected);
        }
        if (parsed.sequence() > expected) {
            return at(
                    line,
                    parsed.sequence() == expected + 1
                            ? "before this line, number " + expected + " is missing"
                            : "before this line, numbers " + expected + " to " + (parsed.sequence() - 1)
                                    + " are missing");
        }
        if (parsed.sequence() < expected) {
            return at(
                    line,
                    "this line was moved or put here: its number is " + parsed.sequence() + " instead of " + expected);
        }
        Line earlier = before;
        if (vouched && earlier != null) {
            return at(earlier, "this line was changed: the next one has the hash of another");
        }
        return at(
                line,
                next == null
                        ? "this line or the one before it was changed: it has not the hash of that"
                        : "this line was changed: it does not have the hash of the one before, and the next one not its");
    }

    private void end(Path last) {
        if (fault != null) {
            return;
        }
        if (wanted.isPresent() && !wantedSeen) {
            fault = atEnd(
                    last,
                    "no line has the hash " + wanted.get()
                            + ": lines were cut off behind this one, the chain was written anew, or the file with it was not"
                            + " named");
        } else if (beside.isPresent() && !besideSeen) {
            compare(last, beside.get());
        }
    }

    private void compare(Path last, AuditHead known) {
        if (lines == 0) {
            notes.add("there is no line here, as after a rotation; the chain is at " + known);
        } else if (known.sequence() > head.sequence()) {
            fault = atEnd(
                    last,
                    "behind this line, numbers " + (head.sequence() + 1) + " to " + known.sequence() + " are missing: "
                            + HeadFile.beside(last) + " tells of them");
        } else if (known.sequence() >= first) {
            fault = atEnd(
                    last,
                    "number " + known.sequence() + " was changed, or the chain written anew: " + HeadFile.beside(last)
                            + " has another hash of it");
        }
    }

    private Fault atEnd(Path last, String problem) {
        return new Fault(last, Math.max(1, lastNumber(last)), problem);
    }

    private long lastNumber(Path file) {
        Line line = before;
        return line != null && line.file().equals(file) ? line.number() : 0;
    }

    private static Fault at(Line line, String problem) {
        return new Fault(line.file(), line.number(), problem);
    }
}
