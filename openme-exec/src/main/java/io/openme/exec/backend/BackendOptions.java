package io.openme.exec.backend;

import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a backend's settings from their text.
 *
 * <p>Each method throws a {@link FirewallException} with {@link Reason#MISCONFIGURED} for a bad value, which names the
 * backend, the option, the value and what the option takes.
 *
 * @param backend the backend's name
 * @param values the settings by their keys
 */
public record BackendOptions(String backend, Map<String, String> values) {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(ms|s)");
    private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(1);
    private static final Pattern COUNT = Pattern.compile("\\d{1,7}");
    private static final int MOST_OPENINGS = 1 << 20;

    /** The option {@code command}: what goes before each command; nothing by default. */
    public List<String> command() {
        return Pattern.compile("\\s+")
                .splitAsStream(values.getOrDefault("command", ""))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** A program, by its name or its path. */
    public String program(String key, String byDefault) {
        String text = values.getOrDefault(key, byDefault);
        if (text.isBlank() || text.startsWith("-")) {
            throw bad(key, text, "the name or the path of a program, such as /usr/sbin/" + byDefault);
        }
        return text;
    }

    /** The option {@code timeout}: how long one run of a program may take, up to a minute; 5 s by default. */
    public Duration timeout() {
        String text = values.getOrDefault("timeout", "5s");
        Matcher matcher = DURATION.matcher(text);
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            Duration duration = matcher.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMillis(number);
            if (!duration.isZero() && duration.compareTo(LONGEST_TIMEOUT) <= 0) {
                return duration;
            }
        }
        throw bad("timeout", text, "a time up to 60s, such as 5s or 500ms");
    }

    /** The option {@code max-openings}: 1 to 1048576; 65536 by default. */
    public int maxOpenings() {
        String text = values.getOrDefault("max-openings", "65536");
        int count = COUNT.matcher(text).matches() ? Integer.parseInt(text) : 0;
        if (count < 1 || count > MOST_OPENINGS) {
            throw bad("max-openings", text, "a number from 1 to " + MOST_OPENINGS);
        }
        return count;
    }

    /** One of these words, the first of which is the default. */
    public String oneOf(String key, List<String> words) {
        String text = values.getOrDefault(key, words.get(0));
        if (!words.contains(text)) {
            throw bad(
                    key,
                    text,
                    String.join(", ", words.subList(0, words.size() - 1)) + " or " + words.get(words.size() - 1));
        }
        return text;
    }

    private FirewallException bad(String key, String value, String form) {
        return new FirewallException(
                Reason.MISCONFIGURED, "option " + key + " of " + backend + " is \"" + value + "\"; it takes " + form);
    }
}
