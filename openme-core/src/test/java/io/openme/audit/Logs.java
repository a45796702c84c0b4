package io.openme.audit;

import io.openme.doorman.Client;
import io.openme.doorman.DoormanListener.Opened;
import io.openme.doorman.DoormanListener.Refused;
import io.openme.protocol.IpLiteral;
import io.openme.testkit.TestCa;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the tests of the audit log write, and read again. */
final class Logs {
    static final TestCa CA = TestCa.create();
    static final Client ALICE = Client.of(CA.client("alice").issue().certificate());
    static final InetAddress PEER = IpLiteral.parse("192.0.2.7").orElseThrow();

    private Logs() {}

    /** Until which port is open tells the events of a test apart. */
    static Opened opened(int second) {
        return new Opened(
                ALICE, PEER, Set.of("web", "ssh"), Instant.ofEpochSecond(second), PEER, Optional.of("rule 3 (staff)"));
    }

    static Refused stranger() {
        return new Refused(Optional.empty(), PEER, Optional.empty(), "no certificate", Optional.empty());
    }

    /** Writes that many events, and closes. */
    static void write(Path file, int events) {
        try (AuditLog log = AuditLog.open(file)) {
            for (int i = 1; i <= events; i++) {
                log.opened(opened(i));
            }
        }
    }

    static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Verification verify(Path... files) {
        return AuditVerifier.verify(List.of(files), Optional.empty());
    }
}
