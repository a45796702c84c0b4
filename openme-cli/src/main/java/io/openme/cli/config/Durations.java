package io.openme.cli.config;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them. */
public final class Durations {
    private static final Pattern SHORT =
            Pattern.compile("(?:(\\d{1,5})d)?(?:(\\d{1,6})h)?(?:(\\d{1,7})m)?(?:(\\d{1,8})s)?(?:(\\d{1,9})ms)?");
    /** Each may be longer than the unit above it, so these are not the digits of a clock. */
    private static final long[] MILLIS = {86_400_000, 3_600_000, 60_000, 1_000, 1};

    private static final String[] UNITS = {"d", "h", "m", "s", "ms"};

    private Durations() {}

    /** Reads {@code 1h}, {@code 90s}, {@code 500ms} or {@code 1h30m}, and ISO 8601 such as {@code PT1H}; empty for anything else. */
    public static Optional<Duration> parse(String text) {
        Matcher matcher = SHORT.matcher(text);
        if (!text.isEmpty() && matcher.matches()) {
            long millis = 0;
            for (int i = 0; i < MILLIS.length; i++) {
                String number = matcher.group(i + 1);
                millis += number == null ? 0 : Long.parseLong(number) * MILLIS[i];
            }
            return Optional.of(Duration.ofMillis(millis));
        }
        try {
            return text.startsWith("P") ? Optional.of(Duration.parse(text)) : Optional.empty();
        } catch (DateTimeException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    /** The shortest text that {@link #parse} reads back; fractions of a millisecond in ISO 8601. */
    public static String format(Duration duration) {
        if (duration.isNegative() || duration.isZero() || !duration.equals(duration.truncatedTo(ChronoUnit.MILLIS))) {
            return duration.toString();
        }
        StringBuilder text = new StringBuilder();
        long left = duration.toMillis();
        for (int i = 0; i < MILLIS.length; i++) {
            if (left >= MILLIS[i]) {
                text.append(left / MILLIS[i]).append(UNITS[i]);
                left %= MILLIS[i];
            }
        }
        return text.toString();
    }
}
