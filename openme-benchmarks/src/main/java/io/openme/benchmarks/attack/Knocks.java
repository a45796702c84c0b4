package io.openme.benchmarks.attack;

import java.util.List;
import java.util.stream.Stream;

/**
 * How legitimate knocks went.
 *
 * @param nanos how long each took that succeeded, ascending
 * @param failures why each of the others failed
 */
record Knocks(List<Long> nanos, List<String> failures) {
    /** These and others. */
    Knocks and(Knocks others) {
        return new Knocks(
                Stream.concat(nanos.stream(), others.nanos.stream()).sorted().toList(),
                Stream.concat(failures.stream(), others.failures.stream()).toList());
    }

    int all() {
        return nanos.size() + failures.size();
    }

    /** The share that succeeded, 0 to 1; of none all did. */
    double share() {
        return all() == 0 ? 1 : (double) nanos.size() / all();
    }

    /** The time that this share of those that succeeded did not exceed, in milliseconds; 0 if none did. */
    double millis(double share) {
        return nanos.isEmpty() ? 0 : nanos.get(Math.max(0, (int) Math.ceil(share * nanos.size()) - 1)) / 1e6;
    }
}
