package io.openme.internal.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SteadyClockTest {
    private static final Instant BEGIN = Instant.parse("2026-11-23T08:00:00Z");

    private long nanos = -5;
    private Optional<Duration> uptime = Optional.of(Duration.ofDays(3));
    private long reading;
    private final SteadyClock clock = new SteadyClock(BEGIN, this::uptime, () -> nanos);

    private Optional<Duration> uptime() {
        nanos += reading;
        return uptime;
    }

    @Test
    void countsTheTimeInWhichTheHostWasSuspended() {
        passes(Duration.ofMinutes(1));
        assertThat(clock.instant()).isEqualTo(BEGIN.plusSeconds(60));

        uptime = uptime.map(up -> up.plusHours(8));
        passes(Suspended.LOOK_EVERY);
        assertThat(clock.instant())
                .isEqualTo(BEGIN.plusSeconds(60).plusMillis(250).plus(Duration.ofHours(8)));

        passes(Duration.ofMinutes(1));
        assertThat(clock.withZone(ZoneId.of("Europe/Rome")).instant())
                .isEqualTo(BEGIN.plusSeconds(120).plusMillis(250).plus(Duration.ofHours(8)));
    }

    @Test
    void doesNotFollowAnUptimeThatIsRoundedOrThatBeginsAnew() {
        passes(Duration.ofMinutes(1));
        uptime = uptime.map(up -> up.plusMillis(90));
        passes(Duration.ofMinutes(1));
        assertThat(clock.instant()).isEqualTo(BEGIN.plusSeconds(120));

        uptime = Optional.of(Duration.ZERO);
        passes(Duration.ofMinutes(1));
        assertThat(clock.instant()).isEqualTo(BEGIN.plusSeconds(180));
    }

    @Test
    void goesOnWhereNobodyTellsTheUptime() {
        uptime = Optional.empty();
        passes(Duration.ofMinutes(1));
        assertThat(clock.instant()).isEqualTo(BEGIN.plusSeconds(60));
    }

    @Test
    void comparesNoTwoClocksBetweenWhichThisProcessStoodStill() {
        passes(Duration.ofMinutes(1));
        uptime = uptime.map(up -> up.plusSeconds(9));
        reading = Duration.ofSeconds(9).toNanos();
        assertThat(clock.instant()).isEqualTo(BEGIN.plusSeconds(69));
    }

    private void passes(Duration time) {
        nanos += time.toNanos();
        uptime = uptime.map(up -> up.plus(time));
    }
}
