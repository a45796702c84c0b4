package io.openme.cli;

import io.openme.cli.config.Durations;
import io.openme.knocker.KnockResult;
import io.openme.knocker.LeaseListener;
import io.openme.protocol.IpLiteral;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;

/** Prints each change of a lease as a line; what goes on as before is no change. */
final class HoldLines implements LeaseListener {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

    private final CommandLine line;
    private final Runnable changed;
    /** What the last failure was, in a row of them. */
    private final Map<StandardProtocolFamily, String> trouble = new EnumMap<>(StandardProtocolFamily.class);

    private volatile boolean everHeld;

    /** @param changed is run after each event */
    HoldLines(CommandLine line, Runnable changed) {
        this.line = line;
        this.changed = changed;
    }

    /** Whether anything was open at any time. */
    boolean everHeld() {
        return everHeld;
    }

    @Override
    public void held(Held held) {
        everHeld = true;
        if (trouble.remove(held.family()) != null || !held.renewal()) {
            print(Texts.family(held.family()) + ": open" + about(held) + "; until " + time(held.until())
                    + " unless renewed");
        }
        changed.run();
    }

    @Override
    public void moved(Moved moved) {
        print(Texts.family(moved.family()) + ": moved from " + IpLiteral.format(moved.from()) + " to "
                + IpLiteral.format(moved.to()));
    }

    @Override
    public void refused(Missed missed) {
        missed(missed);
    }

    @Override
    public void unreachable(Missed missed) {
        missed(missed);
    }

    @Override
    public void lost(Lost lost) {
        print(Texts.family(lost.held().family()) + ": lost" + about(lost.held()) + ": " + lost.why());
    }

    @Override
    public void released(Released released) {
        String family = Texts.family(released.family());
        if (released.result().granted()) {
            print(family + ": closed" + released.held().map(HoldLines::about).orElse(""));
        } else {
            Messages.warn(
                    line,
                    family + ": not closed, so it ends by itself"
                            + released.held()
                                    .map(held -> " at " + time(held.until()))
                                    .orElse("") + ": "
                            + released.result().detail());
        }
    }

    private void missed(Missed missed) {
        KnockResult result = missed.result();
        String kind = result.status() + result.refusal().map(Object::toString).orElse("");
        if (!kind.equals(trouble.put(missed.family(), kind))) {
            Messages.warn(
                    line,
                    Texts.family(missed.family()) + ": " + result.detail() + "; "
                            + missed.held()
                                    .map(held -> "still open until " + time(held.until()) + ", ")
                                    .orElse("")
                            + "trying again in " + rounded(missed.retryIn()));
        }
        changed.run();
    }

    private void print(String text) {
        line.getOut().println(text);
        line.getOut().flush();
    }

    private static String about(Held held) {
        Optional<String> address = held.address().map(IpLiteral::format);
        return " for " + address.orElse("this host") + ": " + Texts.services(held.services());
    }

    private static String time(Instant instant) {
        return TIME.format(instant);
    }

    private static String rounded(Duration pause) {
        return Durations.format(pause.plusMillis(999).truncatedTo(ChronoUnit.SECONDS));
    }
}
