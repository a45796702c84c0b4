package io.openme.exec.backend;

import java.time.Duration;
import java.util.Locale;

/**
 * How often in a unit of time: the only rates that the kernel's tools can be told.
 *
 * @param count at least 1
 * @param unit the shortest that the rate is a whole number in; else the longest, in which what is cut off matters least
 */
public record UnitRate(long count, Unit unit) {
    /** A unit of time that nft and iptables know. */
    public enum Unit {
        /** 1 second. */
        SECOND(1),
        /** 60 seconds. */
        MINUTE(60),
        /** 3600 seconds. */
        HOUR(3600),
        /** 86,400 seconds. */
        DAY(86_400);

        private final long nanos;

        Unit(long seconds) {
            this.nanos = Duration.ofSeconds(seconds).toNanos();
        }
    }

    /** At most this rate, and less by a thousandth at the most: {@code 200} in 10 seconds is {@code 20/second}. */
    public static UnitRate of(int count, Duration per) {
        for (Unit unit : Unit.values()) {
            long scaled = Math.multiplyExact(count, unit.nanos / 1000);
            long micros = per.toNanos() / 1000;
            if (scaled % micros == 0 || unit == Unit.DAY) {
                return new UnitRate(scaled / micros, unit);
            }
        }
        throw new AssertionError("there is a last unit");
    }

    /** {@code 20/second}. */
    @Override
    public String toString() {
        return count + "/" + unit.name().toLowerCase(Locale.ROOT);
    }
}
