package io.openme.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.doorman.Client;
import io.openme.internal.grants.Grant;
import io.openme.internal.grants.GrantTable.Committed;
import io.openme.protocol.IpLiteral;
import io.openme.spi.Opening;
import io.openme.spi.OpenmeException;
import io.openme.testkit.ManualTime;
import io.openme.testkit.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrantFileTest {
    private static final TestCa CA = TestCa.create();
    private static final Client ALICE = Client.of(CA.client("alice").issue().certificate());
    private static final Client BOB = Client.of(CA.client("bob").issue().certificate());

    private final ManualTime time = new ManualTime(Instant.parse("2026-11-23T08:00:00Z"));
    private Optional<HostUptime> uptime = Optional.empty();

    @TempDir
    private Path directory;

    @Test
    void findsTheGrantsAgainWithTheirEnds() {
        Grant one = grant(ALICE, "192.0.2.1", 60);
        Grant two = grant(BOB, "2001:db8::1", 120);
        write(List.of(one, two), List.of());
        assertThat(reopened()).containsExactlyInAnyOrder(one, two);
    }

    @Test
    void whatWasTakenBackStaysTakenBack() {
        Grant one = grant(ALICE, "192.0.2.1", 60);
        Grant two = grant(BOB, "192.0.2.1", 60);
        try (GrantFile file = open()) {
            file.write(new Committed(List.of(one, two), List.of()));
            file.write(new Committed(List.of(), List.of(one)));
        }
        assertThat(reopened()).containsExactly(two);
    }

    @Test
    void aRenewedGrantHasOnlyItsNewEnd() {
        write(List.of(grant(ALICE, "192.0.2.1", 60)), List.of());
        Grant renewed = grant(ALICE, "192.0.2.1", 30);
        write(List.of(renewed), List.of());
        assertThat(reopened()).containsExactly(renewed);
    }

    @Test
    void whatEndedWhileNobodyWasThereIsGone() {
        write(List.of(grant(ALICE, "192.0.2.1", 60), grant(BOB, "192.0.2.1", 90)), List.of());
        time.advance(Duration.ofMinutes(1));
        assertThat(reopened()).extracting(Grant::client).containsExactly(BOB);
    }

    @Test
    void settingTheClockWhileNobodyWasThereProlongsNothing() {
        uptime = Optional.of(new HostUptime("this-boot", Duration.ofSeconds(1001)));
        write(List.of(grant(ALICE, "192.0.2.1", 60)), List.of());
        // The host has been up 20 seconds longer, and its clock was set back by an hour.
        uptime = Optional.of(new HostUptime("this-boot", Duration.ofSeconds(1021)));
        ManualTime setBack = new ManualTime(time.now().minus(Duration.ofHours(1)));
        try (GrantFile file = GrantFile.open(directory, setBack.clock(), () -> uptime)) {
            assertThat(file.grants())
                    .singleElement()
                    .satisfies(
                            g -> assertThat(g.until()).isEqualTo(setBack.now().plusSeconds(40)));
        }
    }

    @Test
    void afterTheHostWasStartedAnewTheClockCounts() {
        uptime = Optional.of(new HostUptime("one-boot", Duration.ofSeconds(1001)));
        Grant grant = grant(ALICE, "192.0.2.1", 60);
        write(List.of(grant), List.of());
        uptime = Optional.of(new HostUptime("next-boot", Duration.ofSeconds(5)));
        assertThat(reopened()).containsExactly(grant);
    }

    @Test
    void anUptimeThatBeginsAnewInAContainerProlongsNothing() {
        uptime = Optional.of(new HostUptime("this-boot", Duration.ofDays(10)));
        write(List.of(grant(ALICE, "192.0.2.1", 60)), List.of());
        uptime = Optional.of(new HostUptime("this-boot", Duration.ofSeconds(5)));
        time.advance(Duration.ofSeconds(40));
        assertThat(reopened())
                .singleElement()
                .satisfies(g -> assertThat(g.until()).isEqualTo(time.now().plusSeconds(20)));
    }

    @Test
    void aClockThatIsBehindAfterTheHostsNextStartBringsNothingBack() {
        write(List.of(grant(ALICE, "192.0.2.1", 60)), List.of());
        ManualTime unset = new ManualTime(Instant.EPOCH);
        try (GrantFile file = GrantFile.open(directory, unset.clock(), () -> uptime)) {
            assertThat(file.grants()).isEmpty();
        }
    }

    @Test
    void whatHasEndedDoesNotComeBackWithAClockThatIsSetBackAtTheHostsNextStart() {
        uptime = Optional.of(new HostUptime("one-boot", Duration.ofSeconds(1001)));
        write(List.of(grant(ALICE, "192.0.2.1", 60)), List.of());
        uptime = Optional.of(new HostUptime("one-boot", Duration.ofSeconds(1061)));
        time.advance(Duration.ofSeconds(60));
        assertThat(reopened()).isEmpty();

        uptime = Optional.of(new HostUptime("next-boot", Duration.ofSeconds(5)));
        ManualTime setBack = new ManualTime(time.now().minus(Duration.ofHours(1)));
        try (GrantFile file = GrantFile.open(directory, setBack.clock(), () -> uptime)) {
            assertThat(file.grants()).isEmpty();
        }
    }

    @Test
    void aCrashAtAnyByteLosesNothingThatWasThereBefore() throws IOException {
        Grant before = grant(ALICE, "192.0.2.1", 60);
        write(List.of(before), List.of());
        byte[] old = Files.readAllBytes(directory.resolve("grants"));
        Grant added = grant(BOB, "192.0.2.2", 60);
        write(List.of(added), List.of());
        byte[] whole = Files.readAllBytes(directory.resolve("grants"));

        for (int length = old.length; length < whole.length; length++) {
            Files.write(directory.resolve("grants"), Arrays.copyOf(whole, length));
            assertThat(reopened()).as("cut after byte " + length).containsExactly(before);
            assertThat(Files.size(directory.resolve("grants"))).isEqualTo(old.length);
        }
        Files.write(directory.resolve("grants"), whole);
        assertThat(reopened()).containsExactlyInAnyOrder(before, added);
    }

    @Test
    void aCrashBetweenARenewalAndTheEndOfTheOldLineLeavesNoneBehindForALaterClose() throws IOException {
        Grant old = grant(ALICE, "192.0.2.1", 60);
        write(List.of(old), List.of());
        byte[] oldLine = Files.readAllBytes(directory.resolve("grants"));
        Grant renewed = grant(ALICE, "192.0.2.1", 90);
        write(List.of(renewed), List.of());
        byte[] both = Files.readAllBytes(directory.resolve("grants"));
        System.arraycopy(oldLine, 0, both, 0, oldLine.length);
        Files.write(directory.resolve("grants"), both);

        assertThat(reopened()).containsExactly(renewed);
        write(List.of(), List.of(renewed));
        assertThat(reopened()).isEmpty();
    }

    @Test
    void aLineThatSomebodyChangedCountsForNothingAndCostsTheOthersNothing() throws IOException {
        Grant one = grant(ALICE, "192.0.2.1", 60);
        Grant two = grant(BOB, "192.0.2.2", 60);
        write(List.of(one, two), List.of());
        String text = Files.readString(directory.resolve("grants"));
        Files.writeString(directory.resolve("grants"), text.replace("192.0.2.1", "192.0.2.9"));
        assertThat(reopened()).containsExactly(two);
    }

    @Test
    void staysSmallHoweverOftenGrantsAreRenewed() throws IOException {
        List<Grant> last = new ArrayList<>();
        try (GrantFile file = open()) {
            for (int round = 1; round <= 1000; round++) {
                last = List.of(grant(ALICE, "192.0.2.1", round), grant(BOB, "192.0.2.2", round));
                file.write(new Committed(last, List.of()));
            }
            assertThat(Files.size(directory.resolve("grants"))).isLessThan(200_000);
        }
        assertThat(reopened()).containsExactlyInAnyOrderElementsOf(last);
    }

    @Test
    void belongsToOneDoormanAtATime() {
        try (GrantFile file = open()) {
            assertThat(file.grants()).isEmpty();
            assertThatThrownBy(this::open)
                    .isInstanceOf(OpenmeException.class)
                    .hasMessageContaining(directory.toString())
                    .hasMessageContaining("in use by another doorman");
        }
        assertThat(reopened()).isEmpty();
    }

    @Test
    void isForItsOwnerOnly() throws IOException {
        Path made = directory.resolve("made");
        GrantFile.open(made, time.clock(), () -> uptime).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                .isEqualTo("rwx------");
        assertThat(made).isDirectoryContaining(file -> file.endsWith("grants"));
        try (Stream<Path> files = Files.list(made)) {
            // The lock, too: whoever can read it can lock it, and no doorman starts any more.
            assertThat(files)
                    .hasSizeGreaterThan(1)
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------"));
        }
    }

    @Test
    void takesNothingFromWhereOthersMayWrite() throws IOException {
        write(List.of(grant(ALICE, "192.0.2.1", 60)), List.of());
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxr-x"));
        assertThatThrownBy(this::open)
                .isInstanceOf(OpenmeException.class)
                .hasMessageContaining(directory.toString())
                .hasMessageContaining("others may write");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path file = directory.resolve("grants");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThatThrownBy(this::open).hasMessageContaining("others may write to " + file);
    }

    @Test
    void aDirectoryThatCannotBeUsedIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> GrantFile.open(file, time.clock(), () -> uptime))
                .isInstanceOf(OpenmeException.class)
                .hasMessageContaining(file.toString());
    }

    private GrantFile open() {
        return GrantFile.open(directory, time.clock(), () -> uptime);
    }

    private void write(List<Grant> granted, List<Grant> gone) {
        try (GrantFile file = open()) {
            file.write(new Committed(granted, gone));
        }
    }

    private List<Grant> reopened() {
        try (GrantFile file = open()) {
            return file.grants();
        }
    }

    private Grant grant(Client client, String address, int seconds) {
        Opening opening = new Opening(IpLiteral.parse(address).orElseThrow(), "ssh");
        return new Grant(client, opening, time.now().plusSeconds(seconds), false);
    }
}
