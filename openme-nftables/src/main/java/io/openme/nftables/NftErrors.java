package io.openme.nftables;

import io.openme.exec.CommandResult;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What nft, or the command before it, means by an error.
 *
 * <p>nft always exits with 1, so the words decide. They are those of {@code LC_ALL=C}.
 */
final class NftErrors {
    private static final int LONGEST = 300;

    /** The first that is found in what was written decides. */
    private record Sign(Pattern words, Reason reason, String wayOut) {
        Sign(String words, Reason reason, String wayOut) {
            this(Pattern.compile(words, Pattern.MULTILINE), reason, wayOut);
        }
    }

    private static final List<Sign> SIGNS = List.of(
            new Sign(
                    "command not found|^exec of .* failed: No such file|failed to execute .*: No such file",
                    Reason.NOT_INSTALLED,
                    "nft is not installed; install the package nftables, or set the option nft"),
            new Sign(
                    "^Cannot open network namespace",
                    Reason.MISCONFIGURED,
                    "the option command names a network namespace that is not there"),
            new Sign(
                    "Operation not permitted|^sudo: |Permission denied",
                    Reason.NOT_PERMITTED,
                    "not permitted to change the firewall; run as root or with CAP_NET_ADMIN, or set the option"
                            + " command, such as to sudo -n"),
            new Sign(
                    "Protocol not supported|cache initialization failed|Unable to initialize Netlink",
                    Reason.NOT_SUPPORTED,
                    "this kernel has no nf_tables; load the module nf_tables, or use another backend"),
            new Sign(
                    "^/dev/stdin:1:.*syntax error",
                    Reason.MISCONFIGURED,
                    "nft takes the owner tag for a word of its language; choose another"),
            new Sign("syntax error|unknown", Reason.NOT_SUPPORTED, "this nft is too old; version 1.0 is known to work"),
            new Sign("Operation not supported", Reason.NOT_SUPPORTED, "this kernel lacks something that is needed"),
            new Sign(
                    "^(/dev/stdin:[-:0-9]+ )?Error: (Could not process rule: )?No such file or directory",
                    Reason.STATE_LOST,
                    "somebody removed our table or a part of it"),
            new Sign(
                    "Too many open files in system",
                    Reason.REJECTED,
                    "there are too many openings; raise the option max-openings"),
            new Sign("^/dev/stdin:[-:0-9]+ Error: ", Reason.REJECTED, "the kernel refused it"));

    private NftErrors() {}

    static FirewallException of(CommandResult result) {
        String said = clean(result.errors().isBlank() ? result.output() : result.errors());
        for (Sign sign : SIGNS) {
            if (sign.words().matcher(result.errors()).find()) {
                return new FirewallException(sign.reason(), sign.wayOut() + " (it says: " + said + ")");
            }
        }
        return new FirewallException(Reason.FAILED, "nft ended with code " + result.exitCode() + " and said: " + said);
    }

    /** The printable beginning, in one line. */
    static String clean(String text) {
        String line = text.replaceAll("[^\\x20-\\x7e]+", " ").strip();
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
    }
}
