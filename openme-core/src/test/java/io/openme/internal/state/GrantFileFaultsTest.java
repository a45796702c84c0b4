package io.openme.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.openme.doorman.Client;
import io.openme.internal.grants.Grant;
import io.openme.internal.grants.GrantTable.Committed;
import io.openme.protocol.IpLiteral;
import io.openme.spi.Opening;
import io.openme.testkit.ManualTime;
import io.openme.testkit.TestCa;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The same short story on disks that fail at each byte of it in turn. */
class GrantFileFaultsTest {
    private static final Client ALICE =
            Client.of(TestCa.create().client("alice").issue().certificate());
    private static final Instant START = Instant.parse("2026-11-23T08:00:00Z");
    private static final Opening ONE = opening("192.0.2.1");
    private static final Opening TWO = opening("192.0.2.2");
    private static final Opening THREE = opening("2001:db8::3");

    /** Opened, renewed for longer and for shorter, closed, opened again; often enough for a new file in between. */
    private static final List<Committed> STORY = List.of(
            new Committed(List.of(grant(ONE, 600), grant(TWO, 60)), List.of()),
            new Committed(List.of(grant(ONE, 900)), List.of()),
            new Committed(List.of(grant(THREE, 300)), List.of(grant(TWO, 60))),
            new Committed(List.of(grant(ONE, 100)), List.of()),
            new Committed(List.of(grant(TWO, 700), grant(THREE, 400)), List.of(grant(ONE, 100))),
            new Committed(List.of(), List.of(grant(THREE, 400), grant(TWO, 700))),
            new Committed(List.of(grant(TWO, 800), grant(ONE, 50)), List.of()));

    private final ManualTime time = new ManualTime(START);

    @Test
    void aKillAtAnyByteLeavesWhatWasThereBeforeOrWhatCameAfter() throws IOException {
        int moment = 0;
        for (int chapter = 0; chapter < STORY.size(); moment++) {
            MemoryDisk disk = new MemoryDisk();
            disk.untilKilled = moment;
            chapter = untilKilled(disk);
            Map<Opening, Instant> found = found(disk.afterKill());
            if (!isBeforeOrAfter(found, chapter)) {
                fail("killed at byte " + moment + ", in chapter " + chapter + ": " + found);
            }
        }
        assertThat(moment).as("a story of some length").isGreaterThan(5000);
    }

    @Test
    void aLossOfPowerLeavesWhatWasThereBeforeOrWhatCameAfterWhateverTheDiskHadWrittenOfIt() throws IOException {
        Random random = new Random(20261123);
        int chapter = 0;
        for (int moment = 0; chapter < STORY.size(); moment += 1 + random.nextInt(20)) {
            for (int draw = 0; draw < 4; draw++) {
                MemoryDisk disk = new MemoryDisk();
                disk.untilKilled = moment;
                chapter = untilKilled(disk);
                Map<Opening, Instant> found = found(disk.afterPowerLoss(random));
                if (!isOnTheWay(found, chapter)) {
                    fail("power lost at byte " + moment + ", in chapter " + chapter + ": " + found);
                }
            }
        }
    }

    @Test
    void aDiskThatIsFullLosesNothingThatWasThereAndKeepsNothingTooLong() throws IOException {
        int failures = 1;
        for (int room = 0; failures > 0; room += 7) {
            MemoryDisk disk = new MemoryDisk();
            disk.room = room;
            failures = 0;
            try (GrantFile file = open(disk)) {
                Map<Opening, Instant> before = new HashMap<>();
                for (int chapter = 0; chapter < STORY.size(); chapter++) {
                    file.write(STORY.get(chapter));
                    Map<Opening, Instant> found = found(disk.afterKill());
                    Map<Opening, Instant> granted = after(chapter);
                    String moment = ": full after " + room + " bytes, chapter " + chapter;
                    if (isTooMuch(found, granted)) {
                        fail(found + " is more than " + granted + moment);
                    }
                    before.keySet().removeAll(found.keySet());
                    before.entrySet().removeIf(was -> isTooMuch(Map.ofEntries(was), granted));
                    if (!before.isEmpty()) {
                        fail(before + " was there and is lost" + moment);
                    }
                    before = found;
                    failures += found.equals(granted) ? 0 : 1;
                }
                disk.room = Integer.MAX_VALUE;
                file.write(Committed.NOTHING);
                assertThat(found(disk.afterKill())).isEqualTo(after(STORY.size() - 1));
            }
        }
    }

    @Test
    void aDiskThatTakesNothingAnyMoreLosesRatherThanBringsBackWhatWasTakenAway() throws IOException {
        for (int breaks = 0; breaks < STORY.size(); breaks++) {
            MemoryDisk disk = new MemoryDisk();
            try (GrantFile file = open(disk)) {
                for (int chapter = 0; chapter < STORY.size(); chapter++) {
                    disk.broken = chapter >= breaks;
                    file.write(STORY.get(chapter));
                    Map<Opening, Instant> granted = after(chapter);
                    found(disk.afterKill())
                            .forEach((opening, until) ->
                                    assertThat(until).isBeforeOrEqualTo(granted.getOrDefault(opening, Instant.MIN)));
                }
                disk.broken = false;
                file.write(Committed.NOTHING);
                assertThat(found(disk.afterKill())).isEqualTo(after(STORY.size() - 1));
            }
        }
    }

    /** Tells the story; in which chapter the process was killed. */
    private int untilKilled(MemoryDisk disk) throws IOException {
        int chapter = 0;
        try (GrantFile file = open(disk)) {
            for (; chapter < STORY.size(); chapter++) {
                file.write(STORY.get(chapter));
            }
        } catch (MemoryDisk.Killed e) {
            return chapter;
        }
        return chapter;
    }

    /** Nothing but what the chapter touched may differ from before, and that only by having happened already. */
    private static boolean isBeforeOrAfter(Map<Opening, Instant> found, int chapter) {
        Map<Opening, Instant> before = after(chapter - 1);
        Map<Opening, Instant> after = after(chapter);
        return Stream.of(ONE, TWO, THREE)
                .allMatch(opening -> Objects.equals(found.get(opening), before.get(opening))
                        || Objects.equals(found.get(opening), after.get(opening)));
    }

    /**
     * What the chapter touched may also be back at an end that it had before a renewal: of two lines that are struck, the disk
     * may have written one.
     */
    private static boolean isOnTheWay(Map<Opening, Instant> found, int chapter) {
        Map<Opening, Instant> before = after(chapter - 1);
        Map<Opening, Instant> after = after(chapter);
        return Stream.of(ONE, TWO, THREE).allMatch(opening -> {
            Instant is = found.get(opening);
            Instant was = before.get(opening);
            boolean touched = !Objects.equals(was, after.get(opening));
            return Objects.equals(is, was)
                    || Objects.equals(is, after.get(opening))
                    || (touched && is != null && was != null && is.isBefore(was));
        });
    }

    private static boolean isTooMuch(Map<Opening, Instant> found, Map<Opening, Instant> granted) {
        return found.entrySet().stream()
                .anyMatch(e -> e.getValue().isAfter(granted.getOrDefault(e.getKey(), Instant.MIN)));
    }

    private static Map<Opening, Instant> after(int chapter) {
        Map<Opening, Instant> grants = new HashMap<>();
        for (Committed committed : STORY.subList(0, Math.min(STORY.size(), chapter + 1))) {
            committed.gone().forEach(grant -> grants.remove(grant.opening()));
            committed.granted().forEach(grant -> grants.put(grant.opening(), grant.until()));
        }
        return grants;
    }

    private Map<Opening, Instant> found(MemoryDisk disk) throws IOException {
        Map<Opening, Instant> found = new HashMap<>();
        try (GrantFile file = open(disk)) {
            file.grants().forEach(grant -> found.put(grant.opening(), grant.until()));
        }
        return found;
    }

    /** With a new file as soon as most of the old one is void. */
    private GrantFile open(MemoryDisk disk) throws IOException {
        return GrantFile.open(disk, time.clock(), Optional::empty, 0);
    }

    private static Grant grant(Opening opening, int seconds) {
        return new Grant(ALICE, opening, START.plusSeconds(seconds), false);
    }

    private static Opening opening(String address) {
        return new Opening(IpLiteral.parse(address).orElseThrow(), "ssh");
    }
}
