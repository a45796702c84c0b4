package io.openme.benchmarks;

import java.util.Arrays;
import java.util.Locale;

/** Times that were measured, in nanoseconds. */
final class Samples {
    private long[] nanos = {};

    Samples add(long... more) {
        int before = nanos.length;
        nanos = Arrays.copyOf(nanos, before + more.length);
        System.arraycopy(more, 0, nanos, before, more.length);
        return this;
    }

    /** The time that this share of all did not exceed, in milliseconds. */
    double millis(double share) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.ceil(share * sorted.length) - 1] / 1e6;
    }

    double median() {
        return millis(0.5);
    }

    /** {@code 3.21 ms}. */
    static String text(double millis) {
        return String.format(Locale.ROOT, "%.2f ms", millis);
    }
}
