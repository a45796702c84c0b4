package io.openme.cli;

import io.openme.testkit.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** What a doorman's configuration names. */
final class ServerFiles {
    private ServerFiles() {}

    /** Writes {@code ca.crt}, {@code localhost.crt} and {@code localhost.key}, which nobody else can read. */
    static void write(Path directory) throws IOException {
        TestCa ca = TestCa.create();
        ca.writeTo(directory);
        ca.server("localhost").issue().writeTo(directory);
        Files.setPosixFilePermissions(directory.resolve("localhost.key"), PosixFilePermissions.fromString("rw-------"));
    }
}
