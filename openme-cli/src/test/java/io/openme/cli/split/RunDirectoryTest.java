package io.openme.cli.split;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
    @TempDir
    private Path run = Path.of("");

    @Test
    void isNobodyElsesToWriteAndGoneAfterwards() throws IOException {
        RunDirectory directory = RunDirectory.in(run);
        Path made = directory.socket().getParent();
        assertThat(made).hasParent(run);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                .isEqualTo("rwx--x--x");
        Files.createFile(directory.socket());

        directory.close();
        directory.close();
        assertThat(run).isEmptyDirectory();
    }

    @Test
    void removesWhatOneThatWasKilledHasLeft() throws IOException {
        Path left = like("openme-1");

        try (RunDirectory directory = RunDirectory.in(run)) {
            assertThat(directory.socket().getParent()).exists();
            assertThat(left).doesNotExist();
        }
    }

    @Test
    void leavesWhatIsInUseOrMayBeSomebodyElses() throws Exception {
        Path used = like("openme-1");
        Path elsewhere = like("elsewhere");
        Path link = Files.createSymbolicLink(run.resolve("openme-2"), elsewhere);
        Path withoutLock = like("openme-3");
        Files.delete(withoutLock.resolve("lock"));
        Path making = like("openme-4");
        Files.setPosixFilePermissions(making, PosixFilePermissions.fromString("rwx------"));
        Path lockedByLink = like("openme-5");
        Files.delete(lockedByLink.resolve("lock"));
        Files.createSymbolicLink(lockedByLink.resolve("lock"), elsewhere.resolve("lock"));
        Process user = lock(used.resolve("lock"));
        try {
            RunDirectory.in(run).close();
        } finally {
            user.destroyForcibly();
        }

        assertThat(link).isSymbolicLink();
        for (Path each : new Path[] {used, elsewhere, withoutLock, making, lockedByLink}) {
            assertThat(each.resolve("helper")).as(each.toString()).exists();
        }
        assertThat(Files.exists(lockedByLink.resolve("lock"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
    }

    private Path like(String name) throws IOException {
        Path directory = Files.createDirectory(run.resolve(name));
        Files.createFile(directory.resolve("lock"));
        Files.createFile(directory.resolve("helper"));
        return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    }

    /** Another process that has this lock: within one process there is no telling whose it is. */
    private static Process lock(Path file) throws IOException {
        Process process = new ProcessBuilder(
                        "python3",
                        "-c",
                        "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX);"
                                + " print('locked', flush=True); sys.stdin.read()",
                        file.toString())
                .start();
        BufferedReader said = process.inputReader(StandardCharsets.US_ASCII);
        assertThat(said.readLine()).isEqualTo("locked");
        return process;
    }
}
