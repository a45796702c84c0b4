package io.openme.iptables;

import io.openme.exec.backend.HostAddress;
import io.openme.spi.Opening;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An opening that is a rule of its own, for want of ipset.
 *
 * @param opening what it admits
 * @param until when the kernel stops to match it, by the system's clock: in whole seconds
 */
record PlainOpening(Opening opening, Instant until) {
    /** The last second that the kernel's match can be told. */
    private static final Instant LAST = Instant.parse("2038-01-19T03:14:07Z");

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final Pattern RULE = Pattern.compile("-A \\S+ -[sd] ([0-9a-f:.]+)/\\d+ -m time --datestop (\\S+)"
            + " -m comment --comment \"?openme:([a-z][a-z0-9-]{0,30})\"? -j RETURN");

    /** Rounded up to a second, since this is but the net under the doorman's own expiry. */
    static PlainOpening of(Opening opening, Duration lifetime, Instant now) {
        if (lifetime.compareTo(Duration.between(now, LAST)) >= 0) {
            return new PlainOpening(opening, LAST);
        }
        // The kernel still matches during the whole of the last second.
        return new PlainOpening(opening, now.plus(lifetime).minusNanos(1).truncatedTo(ChronoUnit.SECONDS));
    }

    /** Reads what {@link #rule} has written and iptables has saved. */
    static Optional<PlainOpening> parse(String rule) {
        Matcher matcher = RULE.matcher(rule);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            Instant until = SECONDS.parse(matcher.group(2), Instant::from);
            return HostAddress.parse(matcher.group(1))
                    .map(source -> new PlainOpening(new Opening(source, matcher.group(3)), until));
        } catch (DateTimeException e) {
            // Somebody else's: one of ours has a date, as it has an address.
            return Optional.empty();
        }
    }

    String rule(String chain, Side side) {
        return "-A " + chain + " " + side.option() + " "
                + Family.of(opening.source()).host(opening.source()) + " -m time --datestop "
                + SECONDS.format(until) + " -m comment --comment openme:" + opening.service()
                + " -j RETURN\n";
    }

    boolean isOver(Instant now) {
        return now.isAfter(until.plusSeconds(1));
    }
}
