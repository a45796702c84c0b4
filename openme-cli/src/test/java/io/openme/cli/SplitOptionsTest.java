package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.cli.config.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitOptionsTest {
    @TempDir
    private Path directory = Path.of("");

    private Path file = Path.of("");

    @BeforeEach
    void writeFiles() throws IOException {
        ServerFiles.write(directory);
        file = Files.writeString(directory.resolve("config.yaml"), """
                listen: "127.0.0.1:0"
                services: { ssh: [22/tcp] }
                identity: { certificate: localhost.crt, key: localhost.key }
                clients: { ca: ca.crt }
                firewall: { backend: dry-run }
                """);
    }

    @Test
    void contradictionsAreWrongUsage() {
        refuses("--split has a helper of its own", "serve", "-c", file.toString(), "--split", "--helper", "socket");
        refuses("--user says whose the process of --split is", "serve", "-c", file.toString(), "--user", "nobody");
        for (String split : new String[] {"--split", "--helper=socket"}) {
            String name = split.replace("=socket", "");
            refuses(
                    "have it without " + name,
                    "serve",
                    "-c",
                    file.toString(),
                    split,
                    "--trial",
                    "10m",
                    "--confirm-file",
                    "new");
        }
    }

    @Test
    void theUserHasToBeABoundary() {
        String missing = "no-such-user";
        refuses(
                "there is no user " + missing + "; make it: useradd",
                "serve",
                "-c",
                file.toString(),
                "--split",
                "--user",
                missing);
        refuses("not to be root's", "serve", "-c", file.toString(), "--split", "--user", "root");
        refuses("is no name of a user", "serve", "-c", file.toString(), "--split", "--user", "a b");
        String socket = directory.resolve("socket").toString();
        refuses(
                "there is no user " + missing,
                "firewall-helper",
                "-c",
                file.toString(),
                "--socket",
                socket,
                "--peer",
                missing);
    }

    /** Who is heard can have the service ended: what {@code NotifyAccess=all} lets any process of a unit do. */
    @Test
    void nobodyWithoutPrivilegesHasTheGuardRemovedByWayOfTheServiceManager() throws IOException {
        Map<String, String> told = Map.of("NOTIFY_SOCKET", "/run/systemd/notify");
        Configuration keeping = Configuration.read(file);
        Configuration removing = Configuration.read(Files.writeString(
                file, Files.readString(file).replace("backend: dry-run", "backend: dry-run, on-close: remove")));

        SplitServe.requireThatNobodyElseEndsIt(keeping, told);
        SplitServe.requireThatNobodyElseEndsIt(removing, Map.of());
        assertThatThrownBy(() -> SplitServe.requireThatNobodyElseEndsIt(removing, told))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("dist/systemd/split");
    }

    private void refuses(String why, String... arguments) {
        Run run = Run.of(directory, arguments);

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(why);
    }
}
