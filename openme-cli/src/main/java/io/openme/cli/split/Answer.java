package io.openme.cli.split;

import io.openme.cli.split.Lines.Deadline;
import io.openme.internal.text.Printable;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the helper says to a request: {@code ok} and as many lines as follow, or {@code failed} with a reason. */
sealed interface Answer {
    /** As many lines as an answer can have: more openings than this are no answer but a fault. */
    int MOST_LINES = 1 << 22;

    /**
     * It was done.
     *
     * @param lines what was asked for
     */
    record Done(List<String> lines) implements Answer {
        static final Done DONE = new Done(List.of());
    }

    /**
     * It was not done.
     *
     * @param reason why, as the firewall says it
     * @param message for a person, in one line
     */
    record Failed(Reason reason, String message) implements Answer {
        private static final int LONGEST_MESSAGE = 400;

        /** Makes a line of the message. */
        public Failed {
            message = Printable.of(message.replaceAll("\\R\\s*", "; "), LONGEST_MESSAGE);
        }

        FirewallException exception() {
            return new FirewallException(reason, "the firewall helper says: " + message);
        }
    }

    /** The lines of this answer. */
    default String text() {
        if (this instanceof Done done) {
            StringBuilder text = new StringBuilder("ok " + done.lines.size() + "\n");
            done.lines.forEach(line -> text.append(line).append('\n'));
            return text.toString();
        }
        Failed failed = (Failed) this;
        return "failed " + failed.reason.name().toLowerCase(Locale.ROOT).replace('_', '-') + " " + failed.message
                + "\n";
    }

    /** Reads one. */
    static Answer read(Lines lines, Deadline deadline) throws IOException {
        String line = lines.read(deadline);
        String[] words = line.split(" ", 3);
        if (words.length == 2 && words[0].equals("ok")) {
            long count = RequestText.number(words[1], MOST_LINES);
            List<String> all = new ArrayList<>();
            for (long i = 0; i < count; i++) {
                all.add(lines.read(deadline));
            }
            return new Done(all);
        }
        if (words.length == 3 && words[0].equals("failed")) {
            return new Failed(reason(words[1]), words[2]);
        }
        throw new ProtocolException("\"" + line + "\" is no answer");
    }

    private static Reason reason(String word) throws ProtocolException {
        try {
            return Reason.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("\"" + word + "\" is no reason");
        }
    }
}
