package io.openme.policy;

import java.util.List;

/**
 * A text in which each {@code *} stands for any characters, or none.
 *
 * <p>Matching takes time that grows with the length of the text alone, whoever wrote it: the parts between the stars are
 * found one after the other, each as early as possible, by the algorithm of Knuth, Morris and Pratt.
 */
final class Glob {
    private final String text;
    private final List<String> parts;
    private final List<int[]> borders;

    Glob(String text) {
        this.text = text;
        this.parts = List.of(text.split("\\*", -1));
        this.borders = parts.stream().map(Glob::borders).toList();
    }

    boolean matches(String other) {
        String head = parts.get(0);
        if (parts.size() == 1) {
            return head.equals(other);
        }
        String tail = parts.get(parts.size() - 1);
        int end = other.length() - tail.length();
        if (!other.startsWith(head) || !other.endsWith(tail)) {
            return false;
        }
        int at = head.length();
        for (int i = 1; i < parts.size() - 1 && at <= end; i++) {
            at = endOf(i, other, at, end);
        }
        return at <= end;
    }

    /** Where the first occurrence of a part between two places ends; past the second place if there is none. */
    private int endOf(int part, String other, int from, int to) {
        String wanted = parts.get(part);
        int[] border = borders.get(part);
        int matched = 0;
        int at = from;
        while (matched < wanted.length() && at < to) {
            if (wanted.charAt(matched) == other.charAt(at)) {
                matched++;
                at++;
            } else if (matched > 0) {
                matched = border[matched - 1];
            } else {
                at++;
            }
        }
        return matched == wanted.length() ? at : to + 1;
    }

    /** For each beginning of a part, the length of its longest proper beginning that is also its end. */
    private static int[] borders(String part) {
        int[] border = new int[part.length()];
        int matched = 0;
        for (int i = 1; i < border.length; i++) {
            while (matched > 0 && part.charAt(i) != part.charAt(matched)) {
                matched = border[matched - 1];
            }
            if (part.charAt(i) == part.charAt(matched)) {
                matched++;
            }
            border[i] = matched;
        }
        return border;
    }

    @Override
    public String toString() {
        return text;
    }
}
