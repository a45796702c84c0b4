package io.openme.exec.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.spi.Change;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import io.openme.spi.Opening;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private static final InetAddress SOURCE4 = address("203.0.113.9");
    private static final InetAddress SOURCE6 = address("2001:db8::9");
    private static final InetAddress ANOTHER = address("203.0.113.10");
    private static final InetAddress THIRD = address("203.0.113.11");

    private long now = Long.MAX_VALUE - 1000;
    private final Ledger ledger = new Ledger(2, "raise the option", () -> now);

    @BeforeEach
    void fill() {
        ledger.enter(List.of(open(SOURCE4, "ssh", Duration.ofSeconds(10)), open(ANOTHER, "ssh")));
    }

    @Test
    void refusesMoreThanThereIsRoomFor() {
        refuses(List.of(open(THIRD, "ssh")));
        refuses(List.of(open(THIRD, "ssh"), close(address("203.0.113.12"), "ssh")));
        takes(List.of(open(THIRD, "ssh"), close(ANOTHER, "ssh")));
    }

    @Test
    void countsEachServiceAndFamilyAlone() {
        takes(List.of(open(THIRD, "web"), open(SOURCE6, "ssh")));
    }

    @Test
    void takesARenewalWhereEverythingIsTaken() {
        takes(List.of(open(SOURCE4, "ssh"), open(ANOTHER, "ssh")));
    }

    @Test
    void countsWhatIsOverNoMore() {
        now += Duration.ofSeconds(10).toNanos();

        takes(List.of(open(THIRD, "ssh")));
        refuses(List.of(open(THIRD, "ssh"), open(SOURCE4, "ssh")));
    }

    @Test
    void tellsWhatIsLeftOfEachLifetime() {
        ledger.enter(List.of(close(ANOTHER, "ssh"), open(SOURCE6, "ssh", Duration.ofSeconds(Long.MAX_VALUE))));
        now += Duration.ofSeconds(4).toNanos();

        Map<Opening, Duration> open = ledger.open();

        assertThat(open).hasSize(2).containsEntry(new Opening(SOURCE4, "ssh"), Duration.ofSeconds(6));
        assertThat(open.get(new Opening(SOURCE6, "ssh"))).isGreaterThan(Duration.ofDays(36_000));
    }

    @Test
    void opensAgainForWhatIsLeftOfEachLifetime() {
        now += Duration.ofSeconds(4).toNanos();

        assertThat(ledger.opens())
                .containsExactly(
                        open(SOURCE4, "ssh", Duration.ofSeconds(6)),
                        open(ANOTHER, "ssh", Duration.ofHours(1).minusSeconds(4)));
    }

    private void refuses(List<Change> changes) {
        assertThatThrownBy(() -> ledger.check(changes))
                .isInstanceOfSatisfying(
                        FirewallException.class,
                        thrown -> assertThat(thrown.reason()).isEqualTo(Reason.REJECTED))
                .hasMessageContaining("more than 2; raise the option");
    }

    private void takes(List<Change> changes) {
        assertThatCode(() -> ledger.check(changes)).doesNotThrowAnyException();
    }

    private static Change.Open open(InetAddress source, String service, Duration lifetime) {
        return new Change.Open(new Opening(source, service), lifetime);
    }

    private static Change.Open open(InetAddress source, String service) {
        return open(source, service, Duration.ofHours(1));
    }

    private static Change.Close close(InetAddress source, String service) {
        return new Change.Close(new Opening(source, service));
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal); // a literal: nobody is asked
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
