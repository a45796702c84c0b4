package io.openme.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Holds windows to a look at the clock of each minute, around the changes of clocks that are the oddest. */
class TimeWindowProperties {
    /** Clocks set forward and back: by one hour, by half an hour, over midnight, by a whole day. */
    private static final List<LocalDateTime> CHANGES = List.of(
            LocalDateTime.parse("2026-03-29T01:00"), // Europe/Rome
            LocalDateTime.parse("2026-10-25T01:00"),
            LocalDateTime.parse("2026-04-04T15:00"), // Australia/Lord_Howe, half an hour
            LocalDateTime.parse("2026-10-03T15:30"),
            LocalDateTime.parse("2010-11-07T02:31"), // America/St_Johns, from 00:01 to 23:01 the day before
            LocalDateTime.parse("2018-02-18T02:00"), // America/Sao_Paulo, at midnight
            LocalDateTime.parse("2018-11-04T03:00"),
            LocalDateTime.parse("2011-12-30T10:00")); // Pacific/Apia, without a 30th of December

    @Property(tries = 1_000)
    void isOpenFromTheFirstTimeThatClocksShowItsBeginToTheFirstTimeThatTheyShowItsEnd(
            @ForAll("windows") TimeWindow window, @ForAll("instants") Instant at) {
        assertThat(window.end(at)).isEqualTo(naive(window, at));
    }

    @Property(tries = 300)
    void isOpenAsLongAsOneOfTheWindowsIsAndNoLongerThanAsked(
            @ForAll @Size(min = 1, max = 3) List<@From("windows") TimeWindow> windows,
            @ForAll("instants") Instant at,
            @ForAll @IntRange(min = 1, max = 3000) int minutes) {
        Duration left = TimeWindow.left(windows, at, Duration.ofMinutes(minutes));

        Instant end = at.plus(left);
        assertThat(left).isBetween(Duration.ZERO, Duration.ofMinutes(minutes));
        for (Instant each = at; each.isBefore(end); each = each.plus(1, ChronoUnit.MINUTES)) {
            assertThat(isOpen(windows, each))
                    .as("%s of %s to %s", each, at, end)
                    .isTrue();
        }
        assertThat(left.equals(Duration.ofMinutes(minutes)) || !isOpen(windows, end))
                .isTrue();
    }

    @Property
    void isReadBackAsItIsWritten(@ForAll("windows") TimeWindow window) {
        assertThat(TimeWindow.parse(window.toString())).isEqualTo(window);
    }

    @Provide
    Arbitrary<TimeWindow> windows() {
        Arbitrary<Set<DayOfWeek>> days = Arbitraries.of(DayOfWeek.class).set().ofMinSize(1);
        Arbitrary<LocalTime> times = Arbitraries.oneOf(
                Arbitraries.integers().between(0, 1439).map(minute -> LocalTime.ofSecondOfDay(minute * 60L)),
                Arbitraries.of("00:00", "02:00", "02:15", "02:30", "03:00", "23:30", "00:30")
                        .map(LocalTime::parse));
        Arbitrary<ZoneId> zones = Arbitraries.of(
                        "Europe/Rome",
                        "Australia/Lord_Howe",
                        "America/St_Johns",
                        "America/Sao_Paulo",
                        "Pacific/Apia",
                        "UTC",
                        "+05:30")
                .map(ZoneId::of);
        return Combinators.combine(days, times, times, zones)
                .filter((d, from, to, z) -> !from.equals(to) || from.equals(LocalTime.MIDNIGHT))
                .as(TimeWindow::new);
    }

    @Provide
    Arbitrary<Instant> instants() {
        return Combinators.combine(
                        Arbitraries.of(CHANGES), Arbitraries.integers().between(-2000, 2000))
                .as((change, minutes) -> change.plusMinutes(minutes).toInstant(ZoneOffset.UTC));
    }

    private static boolean isOpen(List<TimeWindow> windows, Instant at) {
        return windows.stream().anyMatch(each -> each.end(at).isPresent());
    }

    private static Optional<Instant> naive(TimeWindow window, Instant at) {
        List<Instant> ends = new ArrayList<>();
        LocalDate today = at.atZone(window.zone()).toLocalDate();
        for (LocalDate date = today.minusDays(2); !date.isAfter(today.plusDays(2)); date = date.plusDays(1)) {
            LocalDate last = window.to().isAfter(window.from()) ? date : date.plusDays(1);
            Instant begin = first(date.atTime(window.from()), window.zone());
            Instant end = first(last.atTime(window.to()), window.zone());
            if (window.days().contains(date.getDayOfWeek()) && !at.isBefore(begin) && at.isBefore(end)) {
                ends.add(end);
            }
        }
        return ends.stream().max(Instant::compareTo);
    }

    /** Looks at the clock each minute, from well before. */
    private static Instant first(LocalDateTime time, ZoneId zone) {
        Instant minute = time.toInstant(ZoneOffset.UTC).minus(16, ChronoUnit.HOURS);
        while (minute.atZone(zone).toLocalDateTime().isBefore(time)) {
            minute = minute.plus(1, ChronoUnit.MINUTES);
        }
        return minute;
    }
}
