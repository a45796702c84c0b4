package io.openme.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.openme.doorman.Client;
import io.openme.doorman.DoormanListener.Closed;
import io.openme.doorman.DoormanListener.Connected;
import io.openme.doorman.DoormanListener.Expired;
import io.openme.doorman.DoormanListener.Refused;
import io.openme.protocol.Refusal;
import io.openme.spi.OpenmeException;
import io.openme.testkit.ManualTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditLogTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    private final ManualTime time = new ManualTime(NOON);

    @TempDir
    private Path directory = Path.of("");

    private Path file = Path.of("");

    @BeforeEach
    void nameTheFile() {
        file = directory.resolve("audit.jsonl");
    }

    @Test
    void saysWhoWhatFromWhereUntilWhenAndWhichRule() throws IOException {
        try (AuditLog log = AuditLog.open(file, time.clock())) {
            log.opened(Logs.opened(1800000000));
        }

        assertThat(Files.readString(file))
                .isEqualTo(
                        "{\"prev\":\"" + "0".repeat(64) + "\",\"seq\":1,\"time\":\"2026-11-23T12:00:00.000Z\","
                                + "\"event\":\"opened\",\"client\":\"alice\",\"fingerprint\":\""
                                + Logs.ALICE.fingerprint()
                                + "\",\"issuer\":\"CN=Test CA\",\"serial\":\""
                                + Logs.ALICE.certificate().getSerialNumber().toString(16)
                                + "\",\"services\":[\"ssh\",\"web\"],\"address\":\"192.0.2.7\","
                                + "\"until\":\"2027-01-15T08:00:00.000Z\",\"peer\":\"192.0.2.7\",\"rule\":\"rule 3 (staff)\"}\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aNameThatACertificateAuthorityShouldNotHaveIssuedIsOneLineOfAscii() {
        String evil = "x\"}\r\n{\u001b[2J\u0007\u007f\u0085\u2028\u2029\u202e\\\u00e4\ud83d\ude00";
        Client mallory =
                Client.of(Logs.CA.intermediate(evil).client(evil).issue().certificate());
        try (AuditLog log = AuditLog.open(file)) {
            log.closed(new Closed(mallory, Logs.PEER, Set.of("ssh"), mallory, Logs.PEER));
            log.refused(new Refused(
                    Optional.of(mallory), Logs.PEER, Optional.of(Refusal.NOT_NOW), evil, Optional.of(evil)));
            log.expired(new Expired(Logs.ALICE, Logs.PEER, "ssh"));
        }

        List<String> lines = Logs.lines(file);
        assertThat(lines).hasSize(3).allMatch(line -> line.matches("[\\x20-\\x7e]+"));
        assertThat(lines.get(1))
                .contains("\"why\":\"not-now\"")
                .contains(
                        "\"reason\":\"x\\\"}\\u000d\\u000a{\\u001b[2J\\u0007\\u007f\\u0085\\u2028\\u2029\\u202e\\\\\\u00e4"
                                + "\\ud83d\\ude00\"");
        assertThat(Logs.verify(file).intact()).isTrue();
    }

    @Test
    void theChainGoesOnAfterARestart() {
        Logs.write(file, 3);
        Logs.write(file, 2);

        assertThat(Logs.verify(file).lines()).isEqualTo(5);
        assertThat(Logs.verify(file).intact()).isTrue();
    }

    @Test
    void theChainGoesOnInANewFileAfterARotation() throws IOException {
        Path old = directory.resolve("audit.jsonl.1");
        Path older = directory.resolve("audit.jsonl.2");
        try (AuditLog log = AuditLog.open(file)) {
            log.opened(Logs.opened(1));
            await().until(() -> log.head().sequence() == 1);
            Files.move(file, older);
            log.opened(Logs.opened(2));
            await().until(() -> log.head().sequence() == 2);
            // As logrotate does with "create".
            Files.move(file, old);
            Files.createFile(file);
            log.opened(Logs.opened(3));
        }
        // And while nobody writes.
        Path oldest = directory.resolve("audit.jsonl.3");
        Files.move(older, oldest);
        Files.move(old, older);
        Files.move(file, old);
        Logs.write(file, 1);

        assertThat(List.of(oldest, older, old, file))
                .allMatch(f -> Logs.lines(f).size() == 1);
        Verification found = Logs.verify(oldest, older, old, file);
        assertThat(found.intact()).as(found.toString()).isTrue();
        assertThat(found.lines()).isEqualTo(4);
        assertThat(Logs.verify(older, oldest, old, file).fault().orElseThrow().problem())
                .contains("a new chain begins here, but line 3 should follow");
        assertThat(Logs.verify(oldest, old, file).fault().orElseThrow().problem())
                .contains("number 2 is missing");
        assertThat(Logs.verify(old, file).notes()).singleElement().asString().contains("begins with line 3");
    }

    @Test
    void goesOnBehindALineThatACrashHasTorn() throws IOException {
        Logs.write(file, 3);
        String whole = Files.readString(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(whole.length() - 100);
        }
        // The head that was written before the third line.
        String second = AuditHead.hash((Logs.lines(file).get(1) + "\n").getBytes(StandardCharsets.US_ASCII));
        Files.writeString(HeadFile.beside(file), String.format("%20d %s%n", 2, second));

        Verification torn = Logs.verify(file);
        assertThat(torn.intact()).isTrue();
        assertThat(torn.lines()).isEqualTo(2);
        assertThat(torn.notes()).singleElement().asString().contains("audit.jsonl:3: the last line is torn");

        Logs.write(file, 2);
        assertThat(Files.readString(file)).startsWith(whole.substring(0, whole.length() - 100));
        Verification mended = Logs.verify(file);
        assertThat(mended.intact()).as(mended.toString()).isTrue();
        assertThat(mended.head().sequence()).isEqualTo(5);
        assertThat(mended.notes()).singleElement().asString().contains("audit.jsonl:3: this line is torn");
    }

    @Test
    void goesOnBehindAVeryFirstLineThatACrashHasTorn() throws IOException {
        Files.writeString(file, "{\"prev\":\"000");
        Logs.write(file, 2);

        Verification mended = Logs.verify(file);
        assertThat(mended.intact()).as(mended.toString()).isTrue();
        assertThat(mended.head().sequence()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0\0\0\0", "{\"prev\":\"ab", "{\"pr", "\0\0\n"})
    void goesOnInANewFileWhoseFirstLineALossOfPowerHasTorn(String torn) throws IOException {
        Logs.write(file, 3);
        Path old = directory.resolve("audit.jsonl.1");
        Files.move(file, old);
        Files.writeString(file, torn);

        // The first of them has nothing to write.
        Logs.write(file, 0);
        Logs.write(file, 2);

        assertThat(Files.readString(file)).startsWith(torn);
        Verification both = Logs.verify(old, file);
        assertThat(both.intact()).as(both.toString()).isTrue();
        assertThat(both.head().sequence()).isEqualTo(6);
        Verification newest = Logs.verify(file);
        assertThat(newest.intact()).as(newest.toString()).isTrue();
        assertThat(newest.first()).isEqualTo(4);
        assertThat(newest.notes()).hasSize(2).anyMatch(note -> note.contains("audit.jsonl:1: this line is torn"));

        Files.writeString(file, "x" + Files.readString(file));
        assertThat(Logs.verify(file).intact()).isFalse();
        Files.write(file, List.of("root:x:0:0", "daemon:x:1:1"));
        assertThatThrownBy(() -> AuditLog.open(file)).hasMessageContaining("holds no line of an audit log");
    }

    @Test
    void aCutEndIsFoundByTheHeadBesideAndByOneThatWasKept() throws IOException {
        Logs.write(file, 4);
        AuditHead head = Logs.verify(file).head();
        Files.write(file, Logs.lines(file).subList(0, 3));

        assertThat(Logs.verify(file).fault().orElseThrow())
                .hasToString(
                        file + ":3: behind this line, numbers 4 to 4 are missing: " + file + ".head tells of them");
        Files.delete(HeadFile.beside(file));
        assertThat(Logs.verify(file).intact()).isTrue();
        assertThat(AuditVerifier.verify(List.of(file), Optional.of(head.hash()))
                        .fault()
                        .orElseThrow()
                        .problem())
                .contains("no line has the hash " + head.hash());
    }

    @Test
    void aLastLineThatWasChangedIsFoundByTheHeadBeside() throws IOException {
        Logs.write(file, 4);
        String log = Files.readString(file);
        int last = log.lastIndexOf("alice");
        Files.writeString(file, log.substring(0, last) + "malik" + log.substring(last + 5));

        assertThat(Logs.verify(file).fault().orElseThrow())
                .hasToString(file + ":4: number 4 was changed, or the chain written anew: " + file
                        + ".head has another hash of it");
    }

    @Test
    void aNewFileThatHasNoLineYetIsNoAlarm() throws IOException {
        Logs.write(file, 4);
        Path old = directory.resolve("audit.jsonl.1");
        String head = Logs.verify(file).head().hash();
        Files.move(file, old);
        Files.createFile(file);

        assertThat(Logs.verify(file).notes())
                .containsExactly("there is no line here, as after a rotation; the chain is at line 4, " + head);
        assertThat(Logs.verify(old, file).intact()).isTrue();

        // The first line of the new file has the hash of the last of the old one.
        Logs.write(file, 2);
        assertThat(AuditVerifier.verify(List.of(file), Optional.of(head)).intact())
                .isTrue();
    }

    @Test
    void aHeadThatWasKeptVouchesForWhatWasThereWhateverCameLater() {
        Logs.write(file, 4);
        String kept = Logs.verify(file).head().hash();
        Logs.write(file, 4);

        assertThat(AuditVerifier.verify(List.of(file), Optional.of(kept)).intact())
                .isTrue();
    }

    @Test
    void aLogThatWasCutWhileNobodyWroteKeepsAHole() throws IOException {
        Logs.write(file, 4);
        Files.write(file, Logs.lines(file).subList(0, 2));
        Logs.write(file, 1);

        assertThat(Logs.verify(file).fault().orElseThrow().problem()).contains("numbers 3 to 4 are missing");
    }

    @Test
    void aFloodOfStrangersIsSummedUpAndHidesNoClient() {
        try (AuditLog log = AuditLog.open(file, time.clock())) {
            for (int i = 0; i < 100_000; i++) {
                log.refused(Logs.stranger());
            }
            log.opened(Logs.opened(1));
            await().until(() -> log.head().sequence() == Bounds.MOST + 1);
            time.advance(Bounds.WINDOW);
            log.refused(Logs.stranger());
        }

        List<String> lines = Logs.lines(file);
        assertThat(lines).hasSize(Bounds.MOST + 3);
        assertThat(lines)
                .filteredOn(line -> line.contains("\"event\":\"refused\""))
                .hasSize(Bounds.MOST + 1);
        assertThat(lines)
                .filteredOn(line -> line.contains("\"event\":\"opened\""))
                .hasSize(1);
        assertThat(lines)
                .filteredOn(line -> line.contains(
                        "\"event\":\"refusedMore\",\"count\":99940," + "\"since\":\"2026-11-23T12:00:00.000Z\"}"))
                .hasSize(1);
    }

    @Test
    void aClientThatIsRefusedInALoopIsSummedUpAndHidesNeitherOthersNorWhatItOpens() {
        Client bob = Client.of(Logs.CA.client("bob").issue().certificate());
        try (AuditLog log = AuditLog.open(file, time.clock())) {
            for (int i = 0; i < 10_000; i++) {
                log.connected(new Connected(Logs.ALICE, Logs.PEER));
                log.refused(refused(Logs.ALICE));
            }
            for (int i = 0; i < 2 * Bounds.MOST; i++) {
                log.opened(Logs.opened(i));
            }
            log.refused(refused(bob));
            await().until(() -> log.head().sequence() == 4 * Bounds.MOST + 1);
            time.advance(Bounds.WINDOW);
            await().until(() -> log.head().sequence() == 4 * Bounds.MOST + 3);
            log.refused(refused(Logs.ALICE));
        }

        List<String> lines = Logs.lines(file);
        assertThat(lines)
                .filteredOn(line -> line.contains("\"event\":\"refused\",\"client\":\"alice\""))
                .hasSize(Bounds.MOST + 1);
        assertThat(lines)
                .filteredOn(line -> line.contains("\"event\":\"opened\""))
                .hasSize(2 * Bounds.MOST);
        for (String event : List.of("refusedMore", "connectedMore")) {
            assertThat(lines)
                    .filteredOn(line -> line.contains("\"event\":\"" + event + "\""))
                    .singleElement()
                    .asString()
                    .contains("\"client\":\"alice\",\"fingerprint\":\"" + Logs.ALICE.fingerprint())
                    .endsWith(",\"count\":9940,\"since\":\"2026-11-23T12:00:00.000Z\"}");
        }
    }

    private static Refused refused(Client client) {
        return new Refused(
                Optional.of(client), Logs.PEER, Optional.of(Refusal.NOT_PERMITTED), "rule 1 refuses", Optional.empty());
    }

    @Test
    void aFullDiskLosesNothingAsLongAsTheQueueHolds() throws IOException {
        FullDisk disk = new FullDisk(file);
        try (AuditLog log = AuditLog.open(file, disk, Clock.systemUTC(), 10)) {
            disk.full = true;
            log.opened(Logs.opened(1));
            await().until(() -> disk.refused.getCount() == 0);
            await().until(() -> log.problem().isPresent());
            for (int i = 2; i <= 5; i++) {
                log.opened(Logs.opened(i));
            }
            disk.full = false;
            await().until(() -> log.head().sequence() == 5);
        }

        assertThat(Logs.lines(file)).hasSize(5);
        assertThat(Logs.verify(file).intact()).isTrue();
    }

    @Test
    void goesOnAndSaysSoWhenMemoryRunsOutBesideAWrite() {
        AtomicBoolean starved = new AtomicBoolean(true);
        InstantSource now = () -> {
            if (starved.get() && Thread.currentThread().getName().equals("openme-audit")) {
                throw new OutOfMemoryError("made up");
            }
            return Instant.now();
        };
        try (AuditLog log = AuditLog.open(file, now.withZone(ZoneOffset.UTC))) {
            log.opened(Logs.opened(1));
            await().until(() -> log.problem().isPresent());
            starved.set(false);
            log.opened(Logs.opened(2));
            await().until(() -> log.problem().isEmpty());
        }

        assertThat(Logs.lines(file)).hasSize(2);
        assertThat(Logs.verify(file).intact()).isTrue();
    }

    @Test
    void whatIsTooMuchForTheQueueIsCountedAndBlocksNobody() throws Exception {
        FullDisk disk = new FullDisk(file);
        try (AuditLog log = AuditLog.open(file, disk, Clock.systemUTC(), 10)) {
            disk.full = true;
            log.opened(Logs.opened(1));
            assertThat(disk.refused.await(10, TimeUnit.SECONDS)).isTrue();
            for (int i = 2; i <= 1011; i++) {
                log.opened(Logs.opened(i));
            }
            disk.full = false;
        }

        // The one that was being written, the ten that waited, and one for the thousand others.
        assertThat(Logs.lines(file)).hasSize(12);
        assertThat(Logs.lines(file)).anyMatch(line -> line.contains("\"event\":\"dropped\",\"count\":1000"));
        assertThat(Logs.verify(file).intact()).isTrue();
    }

    @Test
    void closesInTimeThoughNothingCanBeWritten() throws IOException {
        FullDisk disk = new FullDisk(file);
        AuditLog log = AuditLog.open(file, disk, Clock.systemUTC(), 4096);
        disk.full = true;
        for (int i = 0; i < 4096; i++) {
            log.opened(Logs.opened(i));
        }
        long before = System.nanoTime();
        log.close();
        log.close();

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
        log.opened(Logs.opened(1));
        assertThat(file).isEmptyFile();
    }

    @Test
    void refusesAFileThatIsSomethingElseAndLeavesItAsItIs() throws IOException {
        Files.writeString(file, "root:x:0:0::/root:/bin/bash\n");

        assertThatThrownBy(() -> AuditLog.open(file))
                .isInstanceOf(OpenmeException.class)
                .hasMessageContaining("holds no line of an audit log; name another file");
        assertThat(file).hasContent("root:x:0:0::/root:/bin/bash\n");
    }

    @Test
    void refusesALinkADirectoryAndOneThatIsNotThere() throws IOException {
        Files.createSymbolicLink(file, directory.resolve("elsewhere"));
        for (Path each : List.of(file, directory, directory.resolve("nowhere/audit.jsonl"))) {
            assertThatThrownBy(() -> AuditLog.open(each))
                    .isInstanceOf(OpenmeException.class)
                    .hasMessageContaining("the audit log " + each + " can't be opened");
        }
        assertThat(directory.resolve("elsewhere")).doesNotExist();
    }

    @Test
    void oneDoormanWritesALogAtATime() {
        try (AuditLog log = AuditLog.open(file)) {
            assertThatThrownBy(() -> AuditLog.open(file))
                    .isInstanceOf(OpenmeException.class)
                    .hasMessageContaining(file + " is written by another doorman");
            assertThat(log.head()).isEqualTo(AuditHead.NONE);
        }
        Logs.write(file, 1);
    }

    /** Takes a few bytes of each line and no more, as a disk does that has just become full. */
    private static final class FullDisk extends AuditFile {
        private final CountDownLatch refused = new CountDownLatch(1);
        private volatile boolean full;

        FullDisk(Path path) {
            super(path);
        }

        @Override
        void write(FileChannel to, ByteBuffer bytes) throws IOException {
            if (!full) {
                super.write(to, bytes);
                return;
            }
            super.write(to, bytes.duplicate().limit(bytes.position() + bytes.remaining() / 2));
            refused.countDown();
            throw new IOException("No space left on device");
        }
    }
}
