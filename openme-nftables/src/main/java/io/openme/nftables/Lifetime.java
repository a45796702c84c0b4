package io.openme.nftables;

import java.time.Duration;

/** Writes a lifetime as nft reads it. */
final class Lifetime {
    /**
     * Below this, an opening is over before nft has read it. The kernel counts in ticks of up to 10 ms; a lifetime of no
     * full tick gets a whole one, or, on older kernels, none at all, and a timeout of zero is for ever.
     */
    private static final Duration SHORTEST = Duration.ofMillis(10);

    /** nft refuses a number of more than eight digits: 86,400,000 seconds still fit. */
    private static final Duration LONGEST = Duration.ofDays(1000);

    private Lifetime() {}

    /** Whether there is nothing left of it to write. */
    static boolean isOver(Duration lifetime) {
        return lifetime.compareTo(SHORTEST) < 0;
    }

    /** Rounded down to milliseconds, at most 1000 days. */
    static String text(Duration lifetime) {
        Duration bounded = bounded(lifetime);
        return bounded.toSeconds() + "s" + bounded.toMillisPart() + "ms";
    }

    static Duration bounded(Duration lifetime) {
        return lifetime.compareTo(LONGEST) > 0 ? LONGEST : lifetime;
    }
}
