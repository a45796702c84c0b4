package io.openme.protocol;

import io.openme.protocol.Reply.Closed;
import io.openme.protocol.Reply.Held;
import io.openme.protocol.Reply.Listed;
import io.openme.protocol.Reply.Opened;
import io.openme.protocol.Reply.Owner;
import io.openme.protocol.Reply.Refused;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Replies as lines of {@code openme/2}; docs/protocol.md has the grammar. */
final class ReplyLines {
    private static final String OK = "OK";
    private static final String KO = "KO";
    private static final String HELD = "HELD";

    private ReplyLines() {}

    static List<String> format(Reply reply) {
        List<String> lines = new ArrayList<>();
        if (reply instanceof Opened opened) {
            lines.add(Line.of(OK)
                    .with("address", opened.address())
                    .with("services", opened.services())
                    .with("lifetime", opened.lifetime())
                    .toString());
        } else if (reply instanceof Closed closed) {
            lines.add(Line.of(OK)
                    .with("closed", Integer.toString(closed.grants()))
                    .toString());
        } else if (reply instanceof Listed listed) {
            listed.held().forEach(held -> lines.add(format(held)));
            lines.add(Line.of(OK)
                    .with("address", listed.seen())
                    .with("held", Integer.toString(listed.held().size()))
                    .with("more", Integer.toString(listed.more()))
                    .toString());
        } else {
            Refused refused = (Refused) reply;
            Line line = Line.of(KO).with("reason", refused.reason().word());
            refused.retryAfter().ifPresent(time -> line.with("retry-after", time));
            lines.add(line.toString());
        }
        return lines;
    }

    private static String format(Held held) {
        Line line = Line.of(HELD)
                .with("address", held.address())
                .with("service", held.service())
                .with("remaining", held.remaining());
        held.owner()
                .ifPresent(owner ->
                        line.with("client", owner.fingerprint()).with("name", PercentCode.encode(owner.name())));
        return line.toString();
    }

    /** Whether this line is the last one of a reply. */
    static boolean isResult(String text) {
        return text.equals(OK) || text.equals(KO) || text.startsWith(OK + " ") || text.startsWith(KO + " ");
    }

    static Reply parse(List<String> lines, Request request) throws MalformedLineException {
        Line result = Line.parse(lines.get(lines.size() - 1));
        if (result.word().equals(KO)) {
            // A reason that only a newer doorman knows is a refusal all the same.
            Refusal reason = result.text("reason").flatMap(Refusal::of).orElse(Refusal.NOT_PERMITTED);
            return new Refused(reason, result.seconds("retry-after"));
        }
        if (!result.word().equals(OK)) {
            throw Line.malformed("it ends with neither OK nor KO");
        }
        if (request instanceof Request.Close) {
            return new Closed(number(result, "closed"));
        }
        if (request instanceof Request.Status) {
            List<Held> held = new ArrayList<>();
            for (String text : lines.subList(0, lines.size() - 1)) {
                Line line = Line.parse(text);
                if (line.word().equals(HELD)) {
                    held.add(held(line));
                }
            }
            return new Listed(required(result.address("address"), "address"), held, number(result, "more"));
        }
        Opened opened = new Opened(
                required(result.address("address"), "address"),
                result.services("services"),
                seconds(result, "lifetime"));
        if (request instanceof Request.Open open) {
            requireAskedFor(opened, open.address(), open.services(), open.lifetime());
        } else if (request instanceof Request.Renew renew) {
            requireAskedFor(opened, renew.address(), renew.services(), renew.lifetime());
        }
        return opened;
    }

    /** What was left to the doorman may be anything; of the time that was asked for it may grant less. */
    private static void requireAskedFor(
            Opened opened, Optional<InetAddress> address, Set<String> services, Optional<Duration> lifetime)
            throws MalformedLineException {
        if (address.isPresent() && !address.get().equals(opened.address())) {
            throw Line.malformed("it names " + IpLiteral.format(opened.address()) + " where "
                    + IpLiteral.format(address.get()) + " was asked for");
        }
        if (!services.isEmpty() && !services.equals(opened.services())) {
            throw Line.malformed("it names the services " + String.join(", ", new TreeSet<>(opened.services()))
                    + " where " + String.join(", ", new TreeSet<>(services)) + " was asked for");
        }
        if (lifetime.isPresent() && opened.lifetime().compareTo(lifetime.get()) > 0) {
            throw Line.malformed("it grants " + opened.lifetime().toSeconds() + " seconds where "
                    + lifetime.get().toSeconds() + " were asked for");
        }
    }

    private static Held held(Line line) throws MalformedLineException {
        Optional<Owner> owner = Optional.empty();
        if (line.text("client").isPresent()) {
            owner = Optional.of(new Owner(
                    line.text("client").get(),
                    PercentCode.decode(line.text("name").orElse("?"))));
        }
        return new Held(
                required(line.address("address"), "address"),
                required(line.services("service").stream().findFirst(), "service"),
                seconds(line, "remaining"),
                owner);
    }

    private static Duration seconds(Line line, String name) throws MalformedLineException {
        return required(line.seconds(name), name);
    }

    private static int number(Line line, String name) throws MalformedLineException {
        return (int) seconds(line, name).toSeconds();
    }

    private static <T> T required(Optional<T> value, String name) throws MalformedLineException {
        return value.orElseThrow(() -> Line.malformed(name + " is missing"));
    }
}
