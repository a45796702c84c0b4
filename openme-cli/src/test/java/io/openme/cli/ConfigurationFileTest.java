package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationFileTest {
    @TempDir
    private Path directory = Path.of("");

    private Path file = Path.of("");

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(directory.resolve("config.yaml"), "services: {}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "rw-r--r--", "rw-rw-r--"})
    void isTakenIfOnlyThisUserCanHaveWrittenIt(String permissions) throws IOException {
        allow(file, permissions);

        assertThat(ConfigurationFile.ours(file, Map.of())).isEqualTo(file);
    }

    @Test
    void isRefusedIfOthersCanWriteIt() throws IOException {
        allow(file, "rw-r--rw-");

        assertRefused(Map.of(), "can write " + file);
    }

    @Test
    void isRefusedInADirectoryWhereOthersCanReplaceIt() throws IOException {
        allow(directory, "rwxrwxrwx");

        assertRefused(Map.of(), "can write " + directory);
    }

    /** As in /tmp, where anybody may put a file. */
    @Test
    void isTakenInAStickyDirectoryIfItIsOurs() throws IOException {
        Files.setAttribute(directory, "unix:mode", 01777);

        assertThat(ConfigurationFile.ours(file, Map.of())).isEqualTo(file);
    }

    @Test
    void isRefusedIfItBelongsToAnotherExceptToWhomRootWasBySudo() throws IOException {
        assumeRoot();
        Files.setAttribute(file, "unix:uid", 1);

        assertRefused(Map.of(), file + " belongs to daemon");
        assertThat(ConfigurationFile.ours(file, Map.of("SUDO_USER", "daemon"))).isEqualTo(file);
    }

    @Test
    void isRefusedIfAnotherMadeTheLinkToIt() throws IOException {
        assumeRoot();
        Path link = Files.createSymbolicLink(directory.resolve("link.yaml"), file);
        Files.getFileAttributeView(link, FileOwnerAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setOwner(directory
                        .getFileSystem()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByName("daemon"));

        assertThatThrownBy(() -> ConfigurationFile.ours(link, Map.of()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("belongs to daemon");
    }

    @Test
    void isRefusedIfTheLinkToItLiesWhereOthersCanReplaceIt() throws IOException {
        Path theirs = Files.createDirectory(directory.resolve("theirs"));
        Path link = Files.createSymbolicLink(theirs.resolve("config.yaml"), file);
        assertThat(ConfigurationFile.ours(link, Map.of())).isEqualTo(link);
        allow(theirs, "rwxrwxrwx");

        assertThatThrownBy(() -> ConfigurationFile.ours(link, Map.of()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("can write " + theirs);
    }

    private static void assumeRoot() {
        assumeTrue(StateDirectories.isRoot(), "only root gives files away");
    }

    private void assertRefused(Map<String, String> environment, String reason) {
        assertThatThrownBy(() -> ConfigurationFile.ours(file, environment))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(reason)
                .hasMessageContaining("name it: -c " + file);
    }

    private static void allow(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
}
