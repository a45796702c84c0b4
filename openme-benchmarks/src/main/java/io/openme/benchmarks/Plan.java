package io.openme.benchmarks;

import java.time.Duration;
import java.util.List;

/**
 * How much is measured.
 *
 * @param levels active openings beside which one more is opened, ascending
 * @param rounds through all levels; the first fifth does not count, as the JVM warms up
 * @param each openings at each level of a round; the first fifth does not count, as what filled up to the level may not
 *     have settled
 * @param flights crowds of clients that knock
 * @param together how many expire together
 * @param lifetime of those: time enough to open them and to see each of them open
 */
record Plan(List<Integer> levels, int rounds, int each, List<Flight> flights, int together, Duration lifetime) {
    static final String QUICK = "--quick";

    /**
     * Clients that knock, each again as soon as it has its answer.
     *
     * @param clients how many wait for their answer at a time
     * @param knocks how many are made in all
     */
    record Flight(int clients, int knocks) {}

    static Plan of(boolean quick) {
        return quick
                // To see that it still works; its numbers mean nothing.
                ? new Plan(
                        List.of(1, 20, 100),
                        2,
                        2,
                        List.of(new Flight(1, 5), new Flight(8, 40)),
                        200,
                        Duration.ofMillis(1200))
                : new Plan(
                        List.of(1, 1000, 10_000),
                        36,
                        25,
                        List.of(
                                new Flight(1, 1000),
                                new Flight(8, 8000),
                                new Flight(64, 40_000),
                                new Flight(512, 60_000)),
                        10_000,
                        Duration.ofSeconds(6));
    }

    int roundsThatCount() {
        return rounds - rounds / 5;
    }

    int eachThatCounts() {
        return each - each / 5;
    }
}
