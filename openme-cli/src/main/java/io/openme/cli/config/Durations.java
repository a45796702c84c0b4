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
            Pattern.compile("(?:(\\d{1,5})d)?(?:(\\d{1,6})h)?(?:(\\d{1,7})m)?(?:(\\d{1,8})s)?");
    /** Each may be longer than the unit above it, so these are not the digits of a clock. */
    private static final long[] SECONDS = {86_400, 3_600, 60, 1};

    private Durations() {}

    /** Reads {@code 1h}, {@code 90s}, {@code 1d12h} or {@code 1h30m}, and ISO 8601 such as {@code PT1H}; empty for anything else. */
    public static Optional<Duration> parse(String text) {
        Matcher matcher = SHORT.matcher(text);
        if (!text.isEmpty() && matcher.matches()) {
            long seconds = 0;
            for (int i = 0; i < SECONDS.length; i++) {
                String number = matcher.group(i + 1);
                seconds += number == null ? 0 : Long.parseLong(number) * SECONDS[i];
            }
            return Optional.of(Duration.ofSeconds(seconds));
        }
        try {
            return text.startsWith("P") ? Optional.of(Duration.parse(text)) : Optional.empty();
        } catch (DateTimeException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    /** The shortest text that {@link #parse} reads back; fractions of a second in ISO 8601. */
    public static String format(Duration duration) {
        if (duration.isNegative() || duration.isZero() || !duration.equals(duration.truncatedTo(ChronoUnit.SECONDS))) {
            return duration.toString();
        }
        StringBuilder text = new StringBuilder();
        long left = duration.toSeconds();
        for (int i = 0; i < SECONDS.length; i++) {
            if (left >= SECONDS[i]) {
                text.append(left / SECONDS[i]).append("dhms".charAt(i));
                left %= SECONDS[i];
            }
        }
        return text.toString();
    }
}
