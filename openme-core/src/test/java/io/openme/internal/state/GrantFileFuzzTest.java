package io.openme.internal.state;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.openme.internal.grants.Grant;
import io.openme.internal.grants.GrantTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.slf4j.LoggerFactory;

/** What a doorman finds of an earlier run, after whatever happened to the disk. */
class GrantFileFuzzTest {
    private static final Instant NOW = Instant.parse("2026-12-01T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final HostUptime UP = new HostUptime("boot-1", Duration.ofHours(1));

    private static final Logger LOG = (Logger) LoggerFactory.getLogger(GrantLine.class);

    /** It warns of each line that it drops, which here is most of them. */
    @BeforeAll
    static void quieten() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void speakUpAgain() {
        LOG.setLevel(null);
    }

    @FuzzTest
    void startsWithGrantsThatItThenKeeps(byte[] bytes) throws IOException {
        MemoryDisk disk = new MemoryDisk();
        try (FileChannel file = disk.open(disk.file("grants"))) {
            file.write(ByteBuffer.wrap(withChecksums(bytes)), 0);
        }

        List<Grant> found = grants(disk);

        assertThat(found).allMatch(grant -> grant.until().isAfter(NOW));
        // Reading repairs the file, and what it has left says the same again.
        assertThat(grants(disk)).isEqualTo(found);
        try (GrantFile state = GrantFile.open(disk, CLOCK, () -> Optional.of(UP), 0)) {
            state.write(new GrantTable.Committed(List.of(), found));
        }
        assertThat(grants(disk)).as("what was taken back stays so").isEmpty();
    }

    private static List<Grant> grants(MemoryDisk disk) throws IOException {
        try (GrantFile state = GrantFile.open(disk, CLOCK, () -> Optional.of(UP), 0)) {
            return state.grants();
        }
    }

    /** Puts a checksum behind each line that ends with a tilde, since no fuzzer guesses one. */
    private static byte[] withChecksums(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (String line : new String(bytes, StandardCharsets.ISO_8859_1).split("(?<=\n)", -1)) {
            if (line.endsWith(" ~\n")) {
                String body = line.substring(0, line.length() - 2);
                CRC32 crc = new CRC32();
                crc.update(body.substring(1).getBytes(StandardCharsets.US_ASCII));
                text.append(body).append(Long.toHexString(crc.getValue())).append('\n');
            } else {
                text.append(line);
            }
        }
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
