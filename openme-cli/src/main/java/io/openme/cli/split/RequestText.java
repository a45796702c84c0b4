package io.openme.cli.split;

import io.openme.cli.split.Lines.Deadline;
import io.openme.cli.split.Request.Apply;
import io.openme.cli.split.Request.CloseAll;
import io.openme.cli.split.Request.Hello;
import io.openme.cli.split.Request.Install;
import io.openme.cli.split.Request.Intact;
import io.openme.cli.split.Request.Openings;
import io.openme.protocol.IpLiteral;
import io.openme.spi.Change;
import io.openme.spi.Opening;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Requests as they are written: a line with a word, for {@code install} and {@code apply} with the number of lines that
 * follow, each {@code + SERVICE ADDRESS NANOSECONDS} or {@code - SERVICE ADDRESS}.
 */
final class RequestText {
    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,17}");

    private RequestText() {}

    static String of(Request request) {
        if (request instanceof Hello hello) {
            return "hello " + hello.version() + "\n";
        }
        if (request instanceof Install install) {
            return changes("install", install.openings());
        }
        if (request instanceof Apply apply) {
            return changes("apply", apply.changes());
        }
        if (request instanceof Openings) {
            return "openings\n";
        }
        return request instanceof Intact ? "intact\n" : "close-all\n";
    }

    private static String changes(String word, List<? extends Change> changes) {
        StringBuilder text = new StringBuilder(word).append(' ').append(changes.size());
        for (Change change : changes) {
            text.append(change instanceof Change.Open ? "\n+ " : "\n- ").append(opening(change.opening()));
            if (change instanceof Change.Open open) {
                text.append(' ').append(open.lifetime().toNanos());
            }
        }
        return text.append('\n').toString();
    }

    /** {@code SERVICE ADDRESS}. */
    static String opening(Opening opening) {
        return opening.service() + " " + IpLiteral.format(opening.source());
    }

    /** @throws ProtocolException if it is none */
    static Opening opening(String service, String address) throws ProtocolException {
        return new Opening(
                IpLiteral.parse(address)
                        .orElseThrow(() -> new ProtocolException("\"" + address + "\" is no address of a host")),
                service);
    }

    /**
     * Reads a request.
     *
     * @throws ProtocolException if it is none
     */
    static Request read(Lines lines, Deadline deadline) throws IOException {
        String line = lines.read(deadline);
        String[] words = line.split(" ", -1);
        return switch (words.length == 2 ? words[0] + " #" : line) {
            case "hello #" -> new Hello((int) number(words[1], Integer.MAX_VALUE));
            case "install #" -> new Install(openings(lines, words[1], deadline));
            case "apply #" -> new Apply(changes(lines, words[1], deadline));
            case "openings" -> new Openings();
            case "intact" -> new Intact();
            case "close-all" -> new CloseAll();
            default -> throw new ProtocolException("\"" + line + "\" is no request");
        };
    }

    private static List<Change.Open> openings(Lines lines, String count, Deadline deadline) throws IOException {
        List<Change.Open> openings = new ArrayList<>();
        for (Change change : changes(lines, count, deadline)) {
            if (!(change instanceof Change.Open open)) {
                throw new ProtocolException("an install closes nothing");
            }
            openings.add(open);
        }
        return openings;
    }

    private static List<Change> changes(Lines lines, String count, Deadline deadline) throws IOException {
        long expected = number(count, Request.MOST_CHANGES);
        List<Change> changes = new ArrayList<>();
        for (long i = 0; i < expected; i++) {
            changes.add(change(lines.read(deadline)));
        }
        return changes;
    }

    private static Change change(String line) throws ProtocolException {
        String[] words = line.split(" ", -1);
        if (words.length == 4 && words[0].equals("+")) {
            long nanos = number(words[3], Long.MAX_VALUE);
            if (nanos > 0) {
                return new Change.Open(opening(words[1], words[2]), Duration.ofNanos(nanos));
            }
        }
        if (words.length == 3 && words[0].equals("-")) {
            return new Change.Close(opening(words[1], words[2]));
        }
        throw new ProtocolException("\"" + line + "\" is no change");
    }

    /** A number of this bound; of a form that has one spelling only. */
    static long number(String text, long most) throws ProtocolException {
        if (!NUMBER.matcher(text).matches() || Long.parseLong(text) > most) {
            throw new ProtocolException("\"" + text + "\" is no number up to " + most);
        }
        return Long.parseLong(text);
    }
}
