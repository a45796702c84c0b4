package io.openme.tls;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * Something that is good for a time only: a certificate, or a revocation list.
 *
 * @param what it is, in printable ASCII
 * @param begin from when it is good
 * @param end until when
 */
public record Term(String what, Instant begin, Instant end) {
    private static final Duration EARLIEST_WARNING = Duration.ofDays(30);

    /** Refuses null. */
    public Term {
        Objects.requireNonNull(what, "what");
        Objects.requireNonNull(begin, "begin");
        Objects.requireNonNull(end, "end");
    }

    /** That of a certificate. */
    public static Term of(String what, X509Certificate certificate) {
        return new Term(
                what,
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant());
    }

    /** Whether it has ended. */
    public boolean isOver(Instant at) {
        return at.isAfter(end);
    }

    /** Whether somebody should see to it: in the last quarter of its time, but no earlier than 30 days before the end. */
    public boolean endsSoon(Instant at) {
        Duration quarter = Duration.between(begin, end).dividedBy(4);
        Duration warning = quarter.compareTo(EARLIEST_WARNING) < 0 ? quarter : EARLIEST_WARNING;
        return at.isAfter(end.minus(warning));
    }
}
