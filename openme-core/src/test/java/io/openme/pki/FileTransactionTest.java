package io.openme.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTransactionTest {
    @TempDir
    Path directory;

    @Test
    void finishesWhatWasInterruptedBetweenTwoFiles() throws Exception {
        write("alice.key", "old");
        // No file can take the place of this, so the commit ends half-way, as if the host had lost its power there.
        Path obstacle = Files.createDirectories(directory.resolve("alice.crt/obstacle"));

        try (FileTransaction files = FileTransaction.begin(directory)) {
            files.replace("alice.key", bytes("new"), true);
            files.replace("alice.crt", bytes("new"), false);
            assertThatThrownBy(files::commit).isInstanceOf(IOException.class);
        }
        assertThat(read("alice.key")).isEqualTo("new");

        Files.delete(obstacle);
        Files.delete(directory.resolve("alice.crt"));
        FileTransaction.begin(directory).close();

        assertThat(read("alice.crt")).isEqualTo("new");
        assertThat(names()).containsExactlyInAnyOrder(".lock", "alice.key", "alice.crt");
    }

    @Test
    void leavesEverythingAsItWasBeforeTheCommit() throws Exception {
        write("alice.key", "old");
        try (FileTransaction files = FileTransaction.begin(directory)) {
            files.replace("alice.key", bytes("new"), true);
            files.create("alice.crt", bytes("new"), false);
        }

        assertThat(read("alice.key")).isEqualTo("old");
        assertThat(names()).containsExactlyInAnyOrder(".lock", "alice.key");
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content);
    }

    private String read(String name) throws IOException {
        return Files.readString(directory.resolve(name));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(each -> each.getFileName().toString()).toList();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
