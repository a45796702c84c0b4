package io.openme.internal.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/** Finds what a person meant by an unknown word. */
public final class Nearest {
    private Nearest() {}

    /** The known word that needs the fewest edits; empty if each needs more than a third of the word's length, rounded up. */
    public static Optional<String> to(String word, Collection<String> known) {
        int most = (word.length() + 2) / 3;
        return known.stream()
                .sorted()
                .map(k -> Map.entry(k, distance(word, k)))
                .filter(e -> e.getValue() <= most)
                .min(Comparator.comparing(Map.Entry<String, Integer>::getValue))
                .map(Map.Entry::getKey);
    }

    /** Levenshtein's distance, case left aside. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                boolean same = Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1));
                int edit = Math.min(Math.min(row[j], row[j - 1]) + 1, diagonal + (same ? 0 : 1));
                diagonal = row[j];
                row[j] = edit;
            }
        }
        return row[b.length()];
    }
}
