package io.openme.policy;

import io.openme.internal.text.Nearest;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A time of the week: {@code mon-fri 08:00-18:00 Europe/Rome}.
 *
 * <p>It begins on each of its days the first time that clocks there show when, and ends the first time that they show its
 * end; where clocks skip that time, at the moment when they do. So the hour that comes twice in autumn counts once, and a
 * window is never two.
 *
 * @param days on which it begins; at least one
 * @param from when it begins, in whole minutes
 * @param to when it ends, itself excluded: on the next day if it is not later than {@code from}. Midnight for both is the
 *     whole day; otherwise they differ
 * @param zone whose clocks count
 */
public record TimeWindow(Set<DayOfWeek> days, LocalTime from, LocalTime to, ZoneId zone) {
    private static final Pattern FORM = Pattern.compile("(?:([a-z,-]+) +)?(?:([0-9:]+)-([0-9:]+) +)?(\\S+)");
    private static final Pattern TIME = Pattern.compile("([01][0-9]|2[0-3]):[0-5][0-9]");
    private static final String MIDNIGHT_AT_THE_END = "24:00";
    private static final List<String> NAMES = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");

    /** @throws IllegalArgumentException if there is no day, a time is not in whole minutes, or both are the same and not midnight */
    public TimeWindow {
        if (days.isEmpty()) {
            throw new IllegalArgumentException("a window needs a day to begin on");
        }
        days = Collections.unmodifiableSet(EnumSet.copyOf(days));
        Objects.requireNonNull(zone, "zone");
        if (!isWholeMinutes(from) || !isWholeMinutes(to)) {
            throw new IllegalArgumentException(
                    "a window from " + from + " to " + to + " is not in whole minutes; leave the seconds out");
        }
        if (from.equals(to) && !from.equals(LocalTime.MIDNIGHT)) {
            throw new IllegalArgumentException("a window from " + from + " to " + to
                    + " begins when it ends; write 00:00-24:00 for the whole day");
        }
    }

    /**
     * Reads {@code mon-fri 08:00-18:00 Europe/Rome}: days, hours, and the zone whose clocks count. Days are {@code mon},
     * {@code mon-fri} or {@code mon,wed,sat-sun}; without them it is every day. Without hours it is the whole day.
     *
     * @throws IllegalArgumentException if it is anything else, with a message for a person
     */
    public static TimeWindow parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches() || (matcher.group(1) == null && matcher.group(2) == null)) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no time; write days, hours and the zone whose clocks"
                            + " count, such as mon-fri 08:00-18:00 Europe/Rome");
        }
        Set<DayOfWeek> days = matcher.group(1) == null ? EnumSet.allOf(DayOfWeek.class) : days(matcher.group(1));
        ZoneId zone = zone(matcher.group(4));
        if (matcher.group(2) == null) {
            return new TimeWindow(days, LocalTime.MIDNIGHT, LocalTime.MIDNIGHT, zone);
        }
        String end = matcher.group(3);
        LocalTime from = time(matcher.group(2));
        LocalTime to = end.equals(MIDNIGHT_AT_THE_END) ? LocalTime.MIDNIGHT : time(end);
        if (matcher.group(2).equals(end)) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" begins when it ends; write 00:00-24:00 for the whole day");
        }
        return new TimeWindow(days, from, to, zone);
    }

    /** When it ends, if it is open at this instant; later than that instant. */
    Optional<Instant> end(Instant at) {
        LocalDate today = at.atZone(zone).toLocalDate();
        // Of yesterday, because of windows over midnight; of tomorrow, because clocks may be set back over midnight.
        return List.of(today.minusDays(1), today, today.plusDays(1)).stream()
                .filter(date -> days.contains(date.getDayOfWeek()))
                .filter(date -> !at.isBefore(first(date.atTime(from))))
                .map(date -> first(
                        to.isAfter(from) ? date.atTime(to) : date.plusDays(1).atTime(to)))
                .filter(at::isBefore)
                .max(Comparator.naturalOrder());
    }

    /**
     * How long it is still open at one of these windows, or at others that follow without a gap; at most as long as asked for,
     * zero if none is open.
     */
    static Duration left(List<TimeWindow> windows, Instant at, Duration most) {
        Instant last = at.plus(most);
        Instant end = at;
        Optional<Instant> later = end(windows, end);
        while (later.isPresent() && end.isBefore(last)) {
            end = later.get();
            later = end(windows, end);
        }
        return Duration.between(at, end.isBefore(last) ? end : last);
    }

    private static Optional<Instant> end(List<TimeWindow> windows, Instant at) {
        return windows.stream()
                .map(each -> each.end(at))
                .flatMap(Optional::stream)
                .max(Comparator.naturalOrder());
    }

    /** {@code mon-fri 08:00-18:00 Europe/Rome}, which {@link #parse} reads back. */
    @Override
    public String toString() {
        String hours = from + "-" + (to.equals(LocalTime.MIDNIGHT) ? MIDNIGHT_AT_THE_END : to);
        return daysText() + " " + hours + " " + zone;
    }

    /** The first moment when clocks of the zone show this time or, if they never do, a later one. */
    private Instant first(LocalDateTime time) {
        ZoneOffsetTransition transition = zone.getRules().getTransition(time);
        if (transition != null && transition.isGap()) {
            return transition.getInstant();
        }
        ZoneOffset offset = zone.getRules().getOffset(time);
        return time.toInstant(offset);
    }

    private static boolean isWholeMinutes(LocalTime time) {
        return time.equals(time.truncatedTo(ChronoUnit.MINUTES));
    }

    private String daysText() {
        List<String> ranges = new ArrayList<>();
        List<DayOfWeek> left = new ArrayList<>(days);
        while (!left.isEmpty()) {
            DayOfWeek first = left.get(0);
            DayOfWeek last = first;
            while (left.contains(last)) {
                left.remove(last);
                last = last.plus(1);
            }
            last = last.minus(1);
            ranges.add(first == last ? name(first) : name(first) + "-" + name(last));
        }
        return String.join(",", ranges);
    }

    private static String name(DayOfWeek day) {
        return NAMES.get(day.getValue() - 1);
    }

    private static Set<DayOfWeek> days(String text) {
        EnumSet<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (String range : text.split(",", -1)) {
            String[] ends = range.split("-", -1);
            if (ends.length > 2) {
                throw new IllegalArgumentException("\"" + range + "\" is no range of days; write mon-fri");
            }
            DayOfWeek last = day(ends[ends.length - 1]);
            DayOfWeek each = day(ends[0]);
            days.add(each);
            while (each != last) {
                each = each.plus(1);
                days.add(each);
            }
        }
        return days;
    }

    private static DayOfWeek day(String name) {
        int index = NAMES.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("\"" + name + "\" is no day; days are " + String.join(", ", NAMES));
        }
        return DayOfWeek.of(index + 1);
    }

    private static LocalTime time(String text) {
        if (!TIME.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no time of the day; write it as 08:00, up to 23:59, or 24:00 as an end");
        }
        return LocalTime.parse(text);
    }

    private static ZoneId zone(String text) {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no time zone"
                            + Nearest.to(text, ZoneId.getAvailableZoneIds())
                                    .map(near -> "; did you mean " + near + "?")
                                    .orElse("; write one such as Europe/Rome or UTC"),
                    e);
        }
    }
}
