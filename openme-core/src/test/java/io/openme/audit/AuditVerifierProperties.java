package io.openme.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class AuditVerifierProperties {
    private static final int LINES = 8;
    private static Path directory = Path.of("");
    private static byte[] log = {};
    private static String head = "";

    @BeforeContainer
    static void writeALog() throws IOException {
        directory = Files.createTempDirectory("openme-audit");
        Path file = directory.resolve("audit.jsonl");
        Logs.write(file, LINES);
        log = Files.readAllBytes(file);
        head = Logs.verify(file).head().hash();
    }

    @AfterContainer
    static void remove() throws IOException {
        try (var files = Files.list(directory)) {
            for (Path each : files.toList()) {
                Files.delete(each);
            }
        }
        Files.delete(directory);
    }

    @Property(tries = 300)
    void aChangedByteIsFoundAndItsLineNamed(@ForAll @IntRange(max = 1 << 20) int where, @ForAll byte value)
            throws IOException {
        byte[] changed = log.clone();
        int at = where % changed.length;
        Assume.that(changed[at] != value);
        changed[at] = value;
        int line = (int) new String(log, 0, at, StandardCharsets.US_ASCII)
                        .chars()
                        .filter(c -> c == '\n')
                        .count()
                + 1;

        assertThat(verify(changed, Optional.of(head)).intact()).isFalse();
        if (line < LINES) {
            Verification found = verify(changed, Optional.empty());
            assertThat(found.intact()).isFalse();
            // Of the last two nobody knows which, as nothing vouches for the last.
            assertThat(found.fault().orElseThrow().line()).isIn((long) line, line == LINES - 1 ? (long) LINES : line);
        }
    }

    @Property(tries = 300)
    void aRemovedLineIsFoundAndItsPlaceNamed(@ForAll @IntRange(min = 1, max = LINES) int removed) throws IOException {
        List<String> left = lines();
        left.remove(removed - 1);

        if (removed == 1) {
            // As a rotation leaves it, which is said.
            assertThat(verify(bytes(left), Optional.of(head)).notes())
                    .singleElement()
                    .asString()
                    .startsWith("begins with line 2 of the chain");
            return;
        }
        assertThat(verify(bytes(left), Optional.of(head)).intact()).isFalse();
        if (removed < LINES) {
            assertThat(verify(bytes(left), Optional.empty()).fault().orElseThrow())
                    .matches(fault -> fault.line() == removed)
                    .matches(fault -> fault.problem().contains("number " + removed + " is missing"));
        }
    }

    @Property(tries = 300)
    void twoSwappedLinesAreFound(
            @ForAll @IntRange(min = 1, max = LINES) int one, @ForAll @IntRange(min = 1, max = LINES) int other)
            throws IOException {
        Assume.that(one != other);
        List<String> swapped = lines();
        Collections.swap(swapped, one - 1, other - 1);

        assertThat(verify(bytes(swapped), Optional.empty())
                        .fault()
                        .orElseThrow()
                        .line())
                .isLessThanOrEqualTo(Math.min(one, other) + 1);
    }

    @Property(tries = 300)
    void aLineThatIsThereAgainIsFound(
            @ForAll @IntRange(min = 1, max = LINES) int copied, @ForAll @IntRange(min = 1, max = LINES) int before)
            throws IOException {
        List<String> inserted = lines();
        inserted.add(before, inserted.get(copied - 1));

        assertThat(verify(bytes(inserted), Optional.empty())
                        .fault()
                        .orElseThrow()
                        .line())
                // Of two that are the same the first fits.
                .isLessThanOrEqualTo(before + 2);
    }

    private static List<String> lines() {
        return new ArrayList<>(
                new String(log, StandardCharsets.US_ASCII).lines().toList());
    }

    private static byte[] bytes(List<String> lines) {
        return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static Verification verify(byte[] bytes, Optional<String> wanted) throws IOException {
        Path copy = directory.resolve("copy.jsonl");
        Files.write(copy, bytes);
        return AuditVerifier.verify(List.of(copy), wanted);
    }
}
