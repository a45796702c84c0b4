package io.openme.internal.text;

import java.util.Set;

/** What is left of a text that somebody else wrote once it is safe in a log and in an error. */
public final class Printable {
    private Printable() {}

    /** What a terminal would obey, or nobody can see. */
    private static final Set<Integer> UNPRINTABLE = Set.of(
            (int) Character.CONTROL,
            (int) Character.FORMAT,
            (int) Character.LINE_SEPARATOR,
            (int) Character.PARAGRAPH_SEPARATOR,
            (int) Character.PRIVATE_USE,
            (int) Character.SURROGATE,
            (int) Character.UNASSIGNED);

    private static final int REPLACEMENT = 0xFFFD;

    /** The first {@code most} characters, with {@code ?} in place of each that is not printable ASCII. */
    public static String of(String text, int most) {
        StringBuilder safe = new StringBuilder();
        for (int i = 0; i < text.length() && i < most; i++) {
            char c = text.charAt(i);
            safe.append(c >= ' ' && c <= '~' ? c : '?');
        }
        return safe.toString();
    }

    /**
     * The first {@code most} characters in one line, of any script, with {@code ?} in place of each that is not for the eyes:
     * for what an owner wrote and wants to see again.
     */
    public static String line(String text, int most) {
        StringBuilder safe = new StringBuilder();
        text.codePoints()
                .limit(most)
                .map(each -> UNPRINTABLE.contains(Character.getType(each)) || each == REPLACEMENT ? '?' : each)
                .forEach(safe::appendCodePoint);
        return safe.toString();
    }
}
