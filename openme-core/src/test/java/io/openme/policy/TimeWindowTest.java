package io.openme.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeWindowTest {
    private static final Set<DayOfWeek> MONDAY = Set.of(DayOfWeek.MONDAY);

    /** 2026-11-23 is a Monday. */
    @ParameterizedTest
    @CsvSource({
        "mon-fri 08:00-18:00 Europe/Rome, 2026-11-23T08:00:00+01:00, 2026-11-23T18:00:00+01:00",
        "mon-fri 08:00-18:00 Europe/Rome, 2026-11-23T07:59:59.999+01:00, ",
        "mon-fri 08:00-18:00 Europe/Rome, 2026-11-23T17:59:59.999+01:00, 2026-11-23T18:00:00+01:00",
        "mon-fri 08:00-18:00 Europe/Rome, 2026-11-23T18:00:00+01:00, ",
        "mon-fri 08:00-18:00 Europe/Rome, 2026-11-28T12:00:00+01:00, ",
        "fri 22:00-06:00 Europe/Rome, 2026-11-28T05:59:00+01:00, 2026-11-28T06:00:00+01:00",
        "fri 22:00-06:00 Europe/Rome, 2026-11-27T05:59:00+01:00, ",
        "fri 22:00-06:00 Europe/Rome, 2026-11-28T22:00:00+01:00, ",
        "18:00-24:00 UTC, 2026-11-23T23:59:59Z, 2026-11-24T00:00:00Z",
        "mon UTC, 2026-11-23T00:00:00Z, 2026-11-24T00:00:00Z",
        "mon UTC, 2026-11-24T00:00:00Z, ",
        // Clocks go from 02:00 to 03:00, and what lies between begins and ends then.
        "02:30-04:00 Europe/Rome, 2026-03-29T03:00:00+02:00, 2026-03-29T04:00:00+02:00",
        "02:30-04:00 Europe/Rome, 2026-03-29T01:59:59+01:00, ",
        "01:00-02:30 Europe/Rome, 2026-03-29T01:30:00+01:00, 2026-03-29T03:00:00+02:00",
        "02:15-02:45 Europe/Rome, 2026-03-29T03:00:00+02:00, ",
        // Clocks go from 03:00 back to 02:00.
        "02:30-04:00 Europe/Rome, 2026-10-25T02:30:00+02:00, 2026-10-25T04:00:00+01:00",
        "01:00-02:30 Europe/Rome, 2026-10-25T02:29:00+02:00, 2026-10-25T02:30:00+02:00",
        "01:00-02:30 Europe/Rome, 2026-10-25T02:29:00+01:00, ",
    })
    void isOpenFromItsBeginToItsEnd(String window, ZonedDateTime at, ZonedDateTime end) {
        assertThat(TimeWindow.parse(window).end(at.toInstant()).map(Instant::toString))
                .isEqualTo(Optional.ofNullable(end).map(e -> e.toInstant().toString()));
    }

    @Test
    void windowsThatFollowEachOtherAreOne() {
        List<TimeWindow> windows = List.of(
                TimeWindow.parse("12:00-20:00 UTC"),
                TimeWindow.parse("08:00-12:00 UTC"),
                TimeWindow.parse("21:00-22:00 UTC"));
        Instant nine = Instant.parse("2026-11-23T09:00:00Z");

        assertThat(TimeWindow.left(windows, nine, Duration.ofDays(2))).isEqualTo(Duration.ofHours(11));
        assertThat(TimeWindow.left(windows, nine, Duration.ofHours(11))).isEqualTo(Duration.ofHours(11));
        assertThat(TimeWindow.left(windows, nine, Duration.ofHours(4))).isEqualTo(Duration.ofHours(4));
        assertThat(TimeWindow.left(windows, Instant.parse("2026-11-23T20:00:00Z"), Duration.ofHours(4)))
                .isZero();
    }

    @Test
    void aWindowThatIsAlwaysOpenLeavesAsMuchAsAsked() {
        List<TimeWindow> always = List.of(TimeWindow.parse("mon-sun Europe/Rome"));

        assertThat(TimeWindow.left(always, Instant.EPOCH, Duration.ofDays(365))).isEqualTo(Duration.ofDays(365));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mon-fri 08:00-18:00 Europe/Rome | mon-fri 08:00-18:00 Europe/Rome",
                "mon,wed,fri 08:00-18:00 UTC | mon,wed,fri 08:00-18:00 UTC",
                "fri-mon 22:00-06:00 UTC | mon,fri-sun 22:00-06:00 UTC",
                "sun,sat 08:00-09:00 +02:00 | sat-sun 08:00-09:00 +02:00",
                "mon-mon  08:00-09:00  UTC | mon 08:00-09:00 UTC",
                "08:00-18:00 UTC | mon-sun 08:00-18:00 UTC",
                "18:00-00:00 UTC | mon-sun 18:00-24:00 UTC",
                "sat UTC | sat 00:00-24:00 UTC",
            })
    void isWrittenInOneWay(String read, String written) {
        assertThat(TimeWindow.parse(read)).hasToString(written);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Europe/Rome | \"Europe/Rome\" is no time; write days, hours and the zone whose clocks count, such as"
                        + " mon-fri 08:00-18:00 Europe/Rome",
                "08:00-18:00 | \"08:00-18:00\" is no time; write",
                "mon-fri 08:00-18:00 | \"08:00-18:00\" is no time zone; write one such as Europe/Rome or UTC",
                "mon-fri 08:00 - 18:00 UTC | is no time; write",
                "mon-fri 08:00-18:00 Europe/Roma | \"Europe/Roma\" is no time zone; did you mean Europe/Rome?",
                "mo-fri 08:00-18:00 UTC | \"mo\" is no day; days are mon, tue, wed, thu, fri, sat, sun",
                "mon-fri-sun 08:00-18:00 UTC | \"mon-fri-sun\" is no range of days; write mon-fri",
                "mon, 08:00-18:00 UTC | \"\" is no day",
                "8:00-18:00 UTC | \"8:00\" is no time of the day; write it as 08:00, up to 23:59, or 24:00 as an end",
                "24:00-06:00 UTC | \"24:00\" is no time of the day",
                "08:00-24:01 UTC | \"24:01\" is no time of the day",
                "08:00-08:60 UTC | \"08:60\" is no time of the day",
                "08:00-08:00 UTC | \"08:00-08:00 UTC\" begins when it ends; write 00:00-24:00 for the whole day",
                "00:00-00:00 UTC | begins when it ends; write 00:00-24:00 for the whole day",
            })
    void saysWhatIsWrongAndTheWayOut(String text, String message) {
        assertThatThrownBy(() -> TimeWindow.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesWhatCantBeAWindow() {
        LocalTime eight = LocalTime.of(8, 0);

        assertThatThrownBy(() -> new TimeWindow(Set.of(), eight, LocalTime.NOON, ZoneOffset.UTC))
                .hasMessage("a window needs a day to begin on");
        assertThatThrownBy(() -> new TimeWindow(MONDAY, eight, eight, ZoneOffset.UTC))
                .hasMessageContaining("from 08:00 to 08:00 begins when it ends");
        assertThatThrownBy(() -> new TimeWindow(MONDAY, eight.plusSeconds(1), LocalTime.NOON, ZoneOffset.UTC))
                .hasMessageContaining("is not in whole minutes");
        assertThatThrownBy(() -> new TimeWindow(MONDAY, eight, LocalTime.NOON.plusNanos(1), ZoneOffset.UTC))
                .hasMessageContaining("is not in whole minutes");
    }
}
