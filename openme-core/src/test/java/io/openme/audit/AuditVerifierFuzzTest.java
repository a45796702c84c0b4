package io.openme.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Audit logs and what stands beside them, after whatever somebody did to them. */
class AuditVerifierFuzzTest {
    private static final byte SEPARATOR = 0;

    /** What comes before the first NUL is the log, what comes behind it the head file. */
    @FuzzTest
    void callsIntactOnlyWhatIsOneChain(byte[] bytes) throws IOException {
        int end = 0;
        while (end < bytes.length && bytes[end] != SEPARATOR) {
            end++;
        }
        Path directory = Files.createTempDirectory("openme-fuzz");
        Path log = directory.resolve("audit.jsonl");
        Path head = HeadFile.beside(log);
        try {
            Files.write(log, Arrays.copyOf(bytes, end));
            if (end < bytes.length) {
                Files.write(head, Arrays.copyOfRange(bytes, end + 1, bytes.length));
            }
            check(log);
        } finally {
            Files.deleteIfExists(head);
            Files.delete(log);
            Files.delete(directory);
        }
    }

    private static void check(Path log) throws IOException {
        Verification found;
        try {
            found = AuditVerifier.verify(List.of(log), Optional.empty());
        } catch (OpenmeException e) {
            assertThat(e).hasMessageContaining(log.toString());
            return;
        }
        found.fault().ifPresent(fault -> assertThat(fault.toString()).matches("[ -~]+"));
        assertThat(found.notes()).allMatch(note -> note.matches("[ -~]+"));
        assertThat(found.time().orElse("")).matches("[ -~]*");
        if (found.intact() && found.lines() > 0) {
            assertThat(found.head().sequence()).isEqualTo(found.first() + found.lines() - 1);
            assertThat(AuditVerifier.verify(
                                    List.of(log), Optional.of(found.head().hash()))
                            .intact())
                    .isTrue();
            assertThat(hashes(log))
                    .as("its head is the hash of a line")
                    .contains(found.head().hash());
        }
    }

    private static List<String> hashes(Path log) throws IOException {
        return List.of(Files.readString(log, StandardCharsets.ISO_8859_1).split("(?<=\n)")).stream()
                .map(line -> AuditHead.hash(line.getBytes(StandardCharsets.ISO_8859_1)))
                .toList();
    }
}
