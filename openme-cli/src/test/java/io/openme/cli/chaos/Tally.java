package io.openme.cli.chaos;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Counts what was done, what went wrong, and how long it took to mend. */
final class Tally {
    private static final int MOST_VIOLATIONS = 20;
    private static final int LONGEST_HISTORY = 150;

    private final Map<String, Integer> steps = new TreeMap<>();
    private final Map<String, Duration> heals = new TreeMap<>();
    private final long start = System.nanoTime();
    private final Deque<String> history = new ArrayDeque<>();
    private final List<String> violations = new ArrayList<>();
    private Duration guardMissing = Duration.ZERO;
    private Duration strangersGotIn = Duration.ZERO;
    private int readings;
    private int exact;

    void step(String kind) {
        steps.merge(kind, 1, Integer::sum);
        note(kind);
    }

    /** Keeps what happened lately, for whoever looks for the cause of a violation. */
    void note(String what) {
        history.addLast(String.format(Locale.ROOT, "%8.3f %s", (System.nanoTime() - start) / 1e9, what));
        if (history.size() > LONGEST_HISTORY) {
            history.removeFirst();
        }
    }

    int steps() {
        return steps.values().stream().mapToInt(Integer::intValue).sum();
    }

    void healed(String kind, Duration time) {
        heals.merge(kind, time, Tally::longer);
    }

    void guardMissing(Duration time) {
        guardMissing = longer(guardMissing, time);
    }

    void strangersGotIn(Duration time) {
        strangersGotIn = longer(strangersGotIn, time);
    }

    void reading(boolean wasExact) {
        readings++;
        exact += wasExact ? 1 : 0;
    }

    /** The last that happened. */
    String history() {
        return String.join("\n", history);
    }

    void violation(String what) {
        note("VIOLATION: " + what);
        violations.add("after " + steps() + " steps: " + what);
        if (violations.size() > MOST_VIOLATIONS) {
            throw new AssertionError("too many violations: " + violations);
        }
    }

    List<String> violations() {
        return violations;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(steps()).append(" steps, ").append(violations.size()).append(" violations; ");
        text.append(readings).append(" readings of the kernel, ").append(exact);
        text.append(" of them equal to the grants to the last one\n");
        steps.forEach((kind, count) -> {
            text.append(String.format("  %6d  %-34s", count, kind));
            Duration heal = heals.get(kind);
            text.append(heal == null ? "" : "healed within " + heal.toMillis() + " ms")
                    .append('\n');
        });
        text.append("  everything healed within ")
                .append(heals.values().stream()
                        .reduce(Duration.ZERO, Tally::longer)
                        .toMillis());
        text.append(" ms, guard missing at most ").append(guardMissing.toMillis());
        text.append(" ms, strangers' packets got in for at most ").append(strangersGotIn.toMillis());
        return text.append(" ms").toString();
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
