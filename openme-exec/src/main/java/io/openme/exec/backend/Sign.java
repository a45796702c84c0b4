package io.openme.exec.backend;

import io.openme.exec.CommandResult;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Words in a tool's errors that tell what it means. They are those of {@code LC_ALL=C}.
 *
 * @param words found anywhere in what was written to standard error; {@code ^} is a line's begin
 * @param reason what they mean
 * @param wayOut that for a person, and what to do about it
 */
public record Sign(Pattern words, Reason reason, String wayOut) {
    private static final int LONGEST = 300;

    /** What sudo says although it goes on. */
    private static final Pattern WARNING =
            Pattern.compile("(?m)^sudo: (unable to resolve host|unable to send audit message|setrlimit\\().*\\R?");

    /** A sign by a regular expression. */
    public Sign(String words, Reason reason, String wayOut) {
        this(Pattern.compile(words, Pattern.MULTILINE), reason, wayOut);
    }

    /** A program that a prefix, such as {@code sudo} or a shell, did not find. */
    public static Sign notInstalled(String wayOut) {
        return new Sign(
                "command not found|^exec of .* failed: No such file|failed to execute .*: No such file",
                Reason.NOT_INSTALLED,
                wayOut);
    }

    /** A prefix {@code ip netns exec} without its namespace. */
    public static Sign noNamespace() {
        return new Sign(
                "^Cannot open network namespace",
                Reason.MISCONFIGURED,
                "the option command names a network namespace that is not there");
    }

    /** The failure that the first of these signs stands for which is found in what the tool wrote. */
    public static Optional<FirewallException> find(List<Sign> signs, CommandResult result) {
        String errors = withoutWarnings(result.errors());
        return signs.stream()
                .filter(sign -> sign.words().matcher(errors).find())
                .findFirst()
                .map(sign -> new FirewallException(sign.reason(), sign.wayOut() + " (it says: " + said(result) + ")"));
    }

    static String withoutWarnings(String errors) {
        return WARNING.matcher(errors).replaceAll("");
    }

    /** What the tool wrote, made fit for a message. */
    public static String said(CommandResult result) {
        return clean(result.errors().isBlank() ? result.output() : result.errors());
    }

    /** The printable beginning, in one line. */
    public static String clean(String text) {
        String line = text.replaceAll("[^\\x20-\\x7e]+", " ").strip();
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
    }
}
