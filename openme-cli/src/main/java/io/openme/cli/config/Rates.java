package io.openme.cli.config;

import io.openme.doorman.AccessPolicy.Rate;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How often in which time, as text: {@code 10/1m}. */
final class Rates {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,7})/(.+)");

    private Rates() {}

    /**
     * Reads one.
     *
     * @param example what to write instead
     * @throws IllegalArgumentException if it is something else, with a message for a person
     */
    static Rate parse(String text, String example) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw noRate(text, example);
        }
        Duration per = Durations.parse(matcher.group(2)).orElseThrow(() -> noRate(text, example));
        return new Rate(Integer.parseInt(matcher.group(1)), per);
    }

    private static IllegalArgumentException noRate(String text, String example) {
        return new IllegalArgumentException(
                "\"" + text + "\" is no rate; write how often and in which time, such as " + example);
    }
}
