package io.openme.benchmarks.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the attacks still are attacks, small ones, and the doorman still stands them. It looks at no time. */
class AttackSuiteIT {
    @Test
    void attacksByBytesAndByHandshakesAndByIpv6(@TempDir Path directory) throws IOException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        Path json = directory.resolve("rows.json");

        AttackSuite.run(
                List.of(
                        "half-handshake",
                        "key-updates",
                        "slow-readers",
                        "ipv6-prefixes",
                        "--connections",
                        "50",
                        "--knocks",
                        "4",
                        "--pause-millis",
                        "0",
                        "--json",
                        json.toString()),
                new PrintStream(output, true, StandardCharsets.UTF_8));

        assertThat(output.toString(StandardCharsets.UTF_8))
                .containsPattern("(?m)^\\| half-handshake \\| .* \\| 4 of 4 \\| ")
                .containsPattern("(?m)^\\| ipv6-prefixes \\| .* \\| 4 of 4 \\| ")
                .doesNotContain("FIZZLED", "FAILED", "NOT RETURNED");
        assertThat(Files.readString(json)).contains("\"attack\":\"slow-readers\"", "\"knocksOk\":4");
    }
}
