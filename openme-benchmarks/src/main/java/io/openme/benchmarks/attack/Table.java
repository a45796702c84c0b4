package io.openme.benchmarks.attack;

import java.util.List;
import java.util.Locale;

/** What was measured, as rows of Markdown and as JSON. */
final class Table {
    private static final String HEAD = """
            | attack | made | connected | at the doorman | deeds/s | knocks | p50 ms | p99 ms | longest ms | heap MB | RSS MB | threads | descriptors | CPU doorman + attacker | afterwards | |
            |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|---|""";

    private Table() {}

    /**
     * What a doorman has at a moment.
     *
     * @param heapMegabytes what is alive after a collection
     * @param threads those of the program
     * @param descriptors all of them
     */
    record Level(double heapMegabytes, int threads, int descriptors) {
        /** What a look at the firewall takes for a moment. */
        private static final int SPARE = 4;

        /** Classes and tables that were needed for the first time. */
        private static final double SPARE_MEGABYTES = 8;

        /** Whether nothing is left of what came after that level. */
        boolean isBackAt(Level idle) {
            return threads <= idle.threads + SPARE
                    && descriptors <= idle.descriptors + SPARE
                    && heapMegabytes <= idle.heapMegabytes + SPARE_MEGABYTES;
        }
    }

    /** How many processors the doorman kept busy, and the attacker. */
    record Processors(double doorman, double attacker) {}

    /**
     * One attack.
     *
     * @param attack its title
     * @param made how many hostile connections there were in all
     * @param connected how many hostile connections there were by the attacker's count: the median of the time of the knocks
     * @param atDoorman how many descriptors more than when idle the doorman had: the median likewise
     * @param deedsPerSecond how often the hostile thing was done
     * @param knocks how the legitimate ones went
     * @param idle what the doorman had before
     * @param under what it had under attack: heap at the end, threads and descriptors at the most
     * @param residentMegabytes the most memory that it had
     * @param processors how many were busy
     * @param after what it had afterwards
     * @param faults what is not as it should be, one sentence each
     */
    record Row(
            String attack,
            long made,
            int connected,
            int atDoorman,
            long deedsPerSecond,
            Knocks knocks,
            Level idle,
            Level under,
            int residentMegabytes,
            Processors processors,
            Level after,
            List<String> faults) {
        String markdown() {
            return String.format(
                    Locale.ROOT,
                    "| %s | %d | %d | %d | %d | %d of %d | %.0f | %.0f | %.0f | %.0f | %d | %d | %d | %.1f + %.1f | %.0f MB, %d, %d | %s |",
                    attack,
                    made,
                    connected,
                    atDoorman,
                    deedsPerSecond,
                    knocks.nanos().size(),
                    knocks.all(),
                    knocks.millis(0.5),
                    knocks.millis(0.99),
                    knocks.millis(1),
                    under.heapMegabytes,
                    residentMegabytes,
                    under.threads,
                    under.descriptors,
                    processors.doorman,
                    processors.attacker,
                    after.heapMegabytes,
                    after.threads,
                    after.descriptors,
                    faults.isEmpty() ? "ok" : String.join("; ", faults));
        }

        String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"attack\":\"%s\",\"made\":%d,\"connected\":%d,\"atDoorman\":%d,\"deedsPerSecond\":%d,\"knocksOk\":%d,\"knocks\":%d,"
                            + "\"p50Millis\":%.1f,\"p99Millis\":%.1f,\"longestMillis\":%.1f,\"idle\":%s,\"under\":%s,"
                            + "\"residentMegabytes\":%d,\"processorsDoorman\":%.2f,\"processorsAttacker\":%.2f,\"after\":%s,"
                            + "\"ok\":%b}",
                    attack,
                    made,
                    connected,
                    atDoorman,
                    deedsPerSecond,
                    knocks.nanos().size(),
                    knocks.all(),
                    knocks.millis(0.5),
                    knocks.millis(0.99),
                    knocks.millis(1),
                    json(idle),
                    json(under),
                    residentMegabytes,
                    processors.doorman,
                    processors.attacker,
                    json(after),
                    faults.isEmpty());
        }

        private static String json(Level level) {
            return String.format(
                    Locale.ROOT,
                    "{\"heapMegabytes\":%.1f,\"threads\":%d,\"descriptors\":%d}",
                    level.heapMegabytes,
                    level.threads,
                    level.descriptors);
        }
    }

    static String head(Level idle) {
        return String.format(
                Locale.ROOT,
                "Idle: %.0f MB of heap, %d threads, %d descriptors%n%n%s",
                idle.heapMegabytes,
                idle.threads,
                idle.descriptors,
                HEAD);
    }
}
