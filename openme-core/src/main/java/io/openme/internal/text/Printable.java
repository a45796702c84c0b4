package io.openme.internal.text;

/** What is left of a text that somebody else wrote once it is safe in a log and in an error. */
public final class Printable {
    private Printable() {}

    /** The first {@code most} characters, with {@code ?} in place of each that is not printable ASCII. */
    public static String of(String text, int most) {
        StringBuilder safe = new StringBuilder();
        for (int i = 0; i < text.length() && i < most; i++) {
            char c = text.charAt(i);
            safe.append(c >= ' ' && c <= '~' ? c : '?');
        }
        return safe.toString();
    }
}
