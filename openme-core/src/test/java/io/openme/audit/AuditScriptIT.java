package io.openme.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script of the documentation, which verifies a log with nothing of ours. */
class AuditScriptIT {
    private static final Pattern SCRIPT = Pattern.compile("```sh\n(#!/bin/sh\n.*?)```", Pattern.DOTALL);

    @TempDir
    private Path directory = Path.of("");

    private Path file = Path.of("");

    private record Ended(int code, String out) {}

    @BeforeEach
    void writeALogAndTheScript() throws IOException {
        file = directory.resolve("audit.jsonl");
        Logs.write(file, 5);
        Matcher script = SCRIPT.matcher(Files.readString(Path.of("../docs/audit.md")));
        assertThat(script.find()).isTrue();
        Files.writeString(directory.resolve("verify.sh"), script.group(1));
    }

    @Test
    void findsWhatVerifyFinds() throws Exception {
        String head = Logs.verify(file).head().hash();
        assertThat(verify()).isEqualTo(new Ended(0, "intact, 5 lines, head " + head + "\n"));
        assertThat(run("tail -n 1 audit.jsonl | sha256sum").out()).isEqualTo(head + "  -\n");

        Files.writeString(file, Files.readString(file).replaceFirst("alice", "malik"));
        assertThat(verify()).isEqualTo(new Ended(1, "line 2 does not follow the line before it\n"));
    }

    @Test
    void findsALineThatIsGone() throws Exception {
        Files.write(
                file,
                Logs.lines(file).stream()
                        .filter(line -> !line.contains("\"seq\":3,"))
                        .toList());

        assertThat(verify()).isEqualTo(new Ended(1, "line 3 does not follow the line before it\n"));
    }

    private Ended verify() throws IOException, InterruptedException {
        return run("cat audit.jsonl | sh verify.sh");
    }

    private Ended run(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), out);
    }
}
