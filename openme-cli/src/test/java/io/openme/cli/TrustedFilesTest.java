package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedFilesTest {
    @TempDir
    private Path directory = Path.of("");

    @BeforeEach
    void write() throws IOException {
        ServerFiles.write(directory);
        Files.writeString(directory.resolve("secret"), "not needed\n");
        Files.writeString(directory.resolve("config.yaml"), """
                listen: "127.0.0.1:0"
                services: { ssh: [22/tcp] }
                identity: { certificate: localhost.crt, key: localhost.key, passphrase-file: secret }
                clients: { ca: ca.crt }
                firewall: { backend: dry-run }
                """);
        allow("secret", "rw-------");
    }

    @Test
    void ofOneselfAreNoWarningWorth() {
        assertThat(check().err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.yaml", "localhost.crt", "localhost.key", "secret", "ca.crt"})
    void thatOthersCanWriteAreWarnedOf(String file) throws IOException {
        allow(file, "rw-----w-");

        assertThat(check().exitCode()).isZero();
        assertThat(check().err())
                .contains("warning: others than ")
                .contains("can write " + directory.resolve(file) + ", and so say who gets in");
    }

    @Test
    void thatOthersCanReplaceAreWarnedOfOnce() throws IOException {
        allow("", "rwxrwxrwx");

        assertThat(check().err()).containsOnlyOnce("can write " + directory);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost.key", "secret"})
    void thatOthersCanReadAreWarnedOfIfTheyAreSecret(String file) throws IOException {
        allow(file, "rw----r--");

        assertThat(check().err()).contains("warning: ").contains(directory.resolve(file) + "'");
    }

    @Test
    void ofACaThatOthersCanReplaceAreWarnedOf() throws IOException {
        Path pki = directory.resolve("pki");
        Run.of(directory, "ca", "init", "--dir", pki.toString(), "--no-passphrase");
        Run quiet = Run.of(directory, "ca", "crl", "--dir", pki.toString());
        allow("pki", "rwxrwxrwx");
        Run warned = Run.of(directory, "ca", "crl", "--dir", pki.toString());

        assertThat(quiet.err()).isEmpty();
        assertThat(warned.exitCode()).isZero();
        assertThat(warned.err()).contains("can write " + pki + ", and so say who gets in");
    }

    private Run check() {
        return Run.of(directory, "check", "-c", directory.resolve("config.yaml").toString());
    }

    private void allow(String file, String permissions) throws IOException {
        Files.setPosixFilePermissions(directory.resolve(file), PosixFilePermissions.fromString(permissions));
    }
}
