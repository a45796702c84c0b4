package io.openme.cli.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnFilesTest {
    @TempDir
    private Path temporary = Path.of("");

    private Path above = Path.of("");
    private Path directory = Path.of("");
    private Path file = Path.of("");

    @BeforeEach
    void write() throws IOException {
        above = Files.createDirectory(temporary.toRealPath().resolve("above"));
        directory = Files.createDirectory(above.resolve("conf"));
        file = Files.writeString(directory.resolve("config.yaml"), "services: {}");
    }

    @Test
    void areTakenIfNobodyElseCanChangeThemNorWhatIsAboveThem() throws IOException {
        OwnFiles.require(file);

        for (Path each : List.of(file, directory, above)) {
            var before = Files.getPosixFilePermissions(each);
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxrwxr-x"));
            assertRefused(file, "chmod go-w " + each);
            Files.setPosixFilePermissions(each, before);
        }
    }

    @Test
    void areNobodyElsesAtAnyHeight() throws IOException {
        for (Path each : List.of(file, directory, above)) {
            give(each, "daemon");
            assertRefused(file, each + " belongs to daemon", "chown root " + each);
            give(each, "root");
        }
    }

    @Test
    void areNotReachedByALinkThatOthersCouldExchange() throws IOException {
        Path theirs = Files.createDirectory(temporary.toRealPath().resolve("theirs"));
        Path link = Files.createSymbolicLink(theirs.resolve("link"), Path.of("../above/conf"));
        OwnFiles.require(link.resolve("config.yaml"));

        Files.setPosixFilePermissions(theirs, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertRefused(link.resolve("config.yaml"), "chmod go-w " + theirs);

        Files.setPosixFilePermissions(theirs, PosixFilePermissions.fromString("rwxr-xr-x"));
        give(link, "daemon");
        assertRefused(link.resolve("config.yaml"), link + " belongs to daemon");
    }

    @Test
    void aLinkThatLeadsNowhereNewEnds() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("link"));

        assertRefused(link, "FileSystemLoopException");
    }

    @Test
    void whatIsGivenAwayIsNeverWhatALinkLeadsTo() throws IOException {
        assumeTrue(isRoots(), "only root gives files away");
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);

        OwnFiles.give(link, new Peer("daemon", 1, 1, user("daemon")));

        assertThat(Files.getOwner(link, LinkOption.NOFOLLOW_LINKS)).isEqualTo(user("daemon"));
        assertThat(Files.getOwner(file)).isEqualTo(user("root"));
    }

    private static void assertRefused(Path path, String... reasons) {
        assertThatThrownBy(() -> OwnFiles.require(path))
                .isInstanceOf(OpenmeException.class)
                .hasMessageContainingAll(reasons);
    }

    private void give(Path path, String name) throws IOException {
        assumeTrue(isRoots(), "only root gives files away");
        OwnFiles.give(path, new Peer(name, 1, 1, user(name)));
    }

    private boolean isRoots() throws IOException {
        return Files.getOwner(temporary).equals(user("root"));
    }

    private UserPrincipal user(String name) throws IOException {
        return temporary.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(name);
    }
}
