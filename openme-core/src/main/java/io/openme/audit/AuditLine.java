package io.openme.audit;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What of a line makes the chain.
 *
 * <p>The form is checked to the last byte, more strictly than JSON is: what {@link Fields} does not write is no line of ours.
 *
 * @param previous the hash of the line before
 * @param sequence its own number
 * @param time when it happened, as written
 * @param hash its own hash
 */
record AuditLine(String previous, long sequence, String time, String hash) {
    /** Longer ones are not read: a file that is no audit log may be anything. */
    static final int LONGEST = 1024 * 1024;

    private static final Pattern BEGINNING =
            Pattern.compile("\\{\"prev\":\"([0-9a-f]{64})\",\"seq\":([1-9][0-9]{0,17}),\"time\":\"([0-9T:.-]{23}Z)\"");
    private static final Pattern NAME = Pattern.compile(",\"[a-zA-Z]+\":");
    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,17}");
    private static final Pattern ESCAPE = Pattern.compile("\\\\(?:[\"\\\\]|u[0-9a-f]{4})");

    /** The line of these bytes, which include the line end; empty if it is none of ours. */
    static Optional<AuditLine> parse(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        Matcher matcher = BEGINNING.matcher(text);
        if (!matcher.lookingAt() || !isFields(text, matcher.end())) {
            return Optional.empty();
        }
        return Optional.of(new AuditLine(
                matcher.group(1), Long.parseLong(matcher.group(2)), matcher.group(3), AuditHead.hash(bytes)));
    }

    AuditHead head() {
        return new AuditHead(sequence, hash);
    }

    /** Whether from here on there are names with values, then the end of the line and nothing behind it. */
    private static boolean isFields(String text, int from) {
        int at = from;
        while (at >= 0 && text.startsWith(",", at)) {
            at = value(text, match(NAME, text, at));
        }
        return at >= 0 && text.startsWith("}\n", at) && text.length() == at + 2;
    }

    /** Where the value that begins here ends; -1 if there is none. */
    private static int value(String text, int from) {
        if (from < 0) {
            return -1;
        }
        if (text.startsWith("[", from)) {
            return list(text, from);
        }
        return text.startsWith("\"", from) ? string(text, from) : match(NUMBER, text, from);
    }

    private static int list(String text, int from) {
        if (text.startsWith("]", from + 1)) {
            return from + 2;
        }
        int at = from;
        do {
            at = string(text, at + 1);
        } while (at >= 0 && text.startsWith(",", at));
        return at >= 0 && text.startsWith("]", at) ? at + 1 : -1;
    }

    private static int string(String text, int from) {
        if (!text.startsWith("\"", from)) {
            return -1;
        }
        int at = from + 1;
        while (at >= 0 && at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                return at + 1;
            }
            if (c < ' ' || c > '~') {
                return -1;
            }
            at = c == '\\' ? match(ESCAPE, text, at) : at + 1;
        }
        return -1;
    }

    private static int match(Pattern pattern, String text, int from) {
        Matcher matcher = pattern.matcher(text).region(from, text.length());
        return matcher.lookingAt() ? matcher.end() : -1;
    }
}
