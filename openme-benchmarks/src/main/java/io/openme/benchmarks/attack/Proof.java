package io.openme.benchmarks.attack;

import io.openme.benchmarks.attack.Attackers.Count;

/** What shows that an attack is one: without it a row says nothing. */
enum Proof {
    /** There is no attack. */
    NOTHING,
    /** At least nine tenths of the connections are there at the same time; the others are on their way again. */
    HELD,
    /** The hostile thing is done as often as there are connections; each ends at once. */
    DONE,
    /** It is done in a fiftieth of them: each time costs the attacker a handshake, too, that the doorman may well refuse. */
    CALCULATED,
    /** More came than the doorman has descriptors for. */
    BEYOND;

    /** Whether there is enough of it to measure. */
    boolean isUnderWay(Count count, int size) {
        return switch (this) {
            case NOTHING -> true;
            case HELD -> enough(count.connected(), size);
            case DONE -> count.deeds() >= atLeastOne(size / 4);
            case CALCULATED -> count.deeds() >= atLeastOne(size / 100);
            case BEYOND -> count.opened() >= size;
        };
    }

    /** Whether it was one until the end. */
    boolean held(int connected, Count count, int size) {
        return count.opened() >= size
                && switch (this) {
                    case NOTHING, BEYOND -> true;
                    case HELD -> enough(connected, size);
                    case DONE -> count.deeds() >= size;
                    case CALCULATED -> count.deeds() >= atLeastOne(size / 50);
                };
    }

    private static int atLeastOne(int count) {
        return Math.max(1, count);
    }

    private static boolean enough(int connected, int size) {
        return connected >= size * 9 / 10;
    }
}
