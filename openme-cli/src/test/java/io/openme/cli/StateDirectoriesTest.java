package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.cli.config.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoriesTest {
    private static final Path HOME = Path.of("/home/alice");

    @TempDir
    private Path directory = Path.of("");

    @Test
    void isWhereSystemdSays() {
        Map<String, String> environment = Map.of("STATE_DIRECTORY", "/var/lib/door:/var/lib/other");
        assertThat(StateDirectories.base(environment, true, HOME)).isEqualTo(Path.of("/var/lib/door"));
        assertThat(StateDirectories.base(environment, false, HOME)).isEqualTo(Path.of("/var/lib/door"));
    }

    @Test
    void isWhereDaemonsOrThisUsersProgramsKeepTheirs() {
        assertThat(StateDirectories.base(Map.of("XDG_STATE_HOME", "/state"), true, HOME))
                .isEqualTo(Path.of("/var/lib/openme"));
        assertThat(StateDirectories.base(Map.of("XDG_STATE_HOME", "/state"), false, HOME))
                .isEqualTo(Path.of("/state/openme"));
        // The specification: a relative one is to be ignored.
        assertThat(StateDirectories.base(Map.of("XDG_STATE_HOME", "state", "STATE_DIRECTORY", "x"), false, HOME))
                .isEqualTo(Path.of("/home/alice/.local/state/openme"));
    }

    @Test
    void isAnotherOneForAnotherDoorman() throws IOException {
        Path base = directory.resolve("base");
        assertThat(StateDirectories.of(configuration("listen: \"0.0.0.0:54155\""), base))
                .contains(base.resolve("openme-54155"));
        assertThat(StateDirectories.of(configuration("firewall: { owner: back }"), base))
                .contains(base.resolve("back-54154"));
        assertThat(StateDirectories.of(configuration("firewall: { backend: dry-run }"), base))
                .as("leaves nothing")
                .isEmpty();
        assertThat(StateDirectories.of(configuration("grants: { state-directory: none }"), base))
                .isEmpty();
        assertThat(StateDirectories.of(configuration("grants: { state-directory: mine }"), base))
                .contains(directory.resolve("mine"));
        assertThat(base).doesNotExist();
    }

    @Test
    void makesTheUsualOneForThisUserOnly() throws IOException {
        Path base = directory.resolve("var/lib/openme");
        List<String> warnings = new ArrayList<>();
        for (int start = 0; start < 2; start++) {
            assertThat(StateDirectories.ready(configuration(""), base, warnings::add))
                    .contains(base.resolve("openme-54154"));
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(base.resolve("openme-54154"))))
                .isEqualTo("rwx------");
        assertThat(warnings).isEmpty();
    }

    @Test
    void warnsAndDoesWithoutTheUsualOneWhereItCanNotBeMade() throws IOException {
        Path base = Files.writeString(directory.resolve("file"), "").resolve("openme");
        List<String> warnings = new ArrayList<>();
        assertThat(StateDirectories.ready(configuration(""), base, warnings::add))
                .isEmpty();
        assertThat(warnings)
                .singleElement()
                .asString()
                .contains("" + base.resolve("openme-54154"), "a restart closes", "StateDirectory=openme");
    }

    private Configuration configuration(String more) throws IOException {
        return Configuration.read(Files.writeString(directory.resolve("config.yaml"), """
                services: { ssh: [22/tcp] }
                identity: { certificate: c, key: k }
                clients: { ca: ca }
                """ + more + "\n"));
    }
}
