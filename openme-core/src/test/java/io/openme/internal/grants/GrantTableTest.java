package io.openme.internal.grants;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.doorman.Client;
import io.openme.internal.grants.GrantTable.Wish;
import io.openme.protocol.IpLiteral;
import io.openme.spi.Change;
import io.openme.spi.Opening;
import io.openme.testkit.TestCa;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GrantTableTest {
    private static final Instant NOW = Instant.parse("2026-11-23T08:00:00Z");
    private static final Client ALICE =
            Client.of(TestCa.create().client("alice").issue().certificate());
    private static final Opening SSH = new Opening(IpLiteral.parse("192.0.2.1").orElseThrow(), "ssh");
    private static final Opening WEB = new Opening(SSH.source(), "web");

    private final FullMemory ends = new FullMemory();
    private final GrantTable table = new GrantTable(2, ends);

    @Test
    void endsWhatWasRenewedWhileTheMemoryWasFull() {
        open(NOW.plusSeconds(60), SSH);
        ends.full = true;

        GrantTable.Committed renewed = open(NOW.plusSeconds(90), SSH, WEB);
        assertThat(renewed.granted()).hasSize(2);
        assertThat(table.nextEnd().orElseThrow()).isBefore(NOW);
        ends.full = false;

        GrantTable.Transaction transaction = table.begin();
        assertThat(table.nextEnd()).contains(NOW.plusSeconds(90));
        assertThat(transaction.expire(NOW.plusSeconds(60))).isEmpty();
        assertThat(transaction.expire(NOW.plusSeconds(90))).containsExactlyInAnyOrderElementsOf(renewed.granted());
        assertThat(transaction.commit().gone()).hasSize(2);
        assertThat(table.openings()).isZero();
        assertThat(table.nextEnd()).isEmpty();
    }

    @Test
    void forgetsWhatWasClosedWhileTheMemoryWasFull() {
        open(NOW.plusSeconds(60), SSH, WEB);
        ends.full = true;
        GrantTable.Transaction closing = table.begin();
        closing.close(ALICE, SSH::equals);
        // What stays behind is entered again, and there is no room for it.
        closing.open(new Wish(ALICE, List.of(WEB), NOW.plusSeconds(90)));
        assertThat(closing.commit().gone()).extracting(Grant::opening).containsExactly(SSH);
        ends.full = false;

        table.begin();
        assertThat(table.openings()).isOne();
        assertThat(open(NOW.plusSeconds(60), SSH).granted()).hasSize(1);
    }

    @Test
    void doesNotOpenWhatHasEnded() {
        open(NOW.plusSeconds(60), SSH);
        open(NOW.plusSeconds(90), WEB);
        GrantTable.Transaction transaction = table.begin();
        transaction.revise(new Grant(ALICE, SSH, NOW.plusSeconds(60), false), Optional.of(NOW.plusSeconds(50)));

        Instant later = NOW.plusSeconds(60);
        assertThat(transaction.openings(later)).containsExactly(new Change.Open(WEB, Duration.ofSeconds(30)));
        assertThat(transaction.changes(later)).containsExactly(new Change.Close(SSH));
        assertThat(table.begin().openings(NOW.plusSeconds(90))).isEmpty();
    }

    private GrantTable.Committed open(Instant until, Opening... openings) {
        GrantTable.Transaction transaction = table.begin();
        assertThat(transaction.open(new Wish(ALICE, List.of(openings), until)).refusal())
                .isEmpty();
        return transaction.commit();
    }

    /** Has no room for another grant while it is full. */
    private static final class FullMemory extends Ends {
        private boolean full;

        @Override
        void add(Grant grant) {
            if (full) {
                throw new OutOfMemoryError("Java heap space");
            }
            super.add(grant);
        }
    }
}
