package io.openme.nftables;

import io.openme.exec.CommandResult;
import io.openme.exec.backend.Sign;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.util.List;

/**
 * What nft, or the command before it, means by an error.
 *
 * <p>nft always exits with 1, so the words decide. They are those of {@code LC_ALL=C}.
 */
final class NftErrors {
    private static final List<Sign> FIRST = List.of(
            Sign.notInstalled("nft is not installed; install the package nftables, or set the option nft"),
            Sign.noNamespace());

    private static final List<Sign> THEN = List.of(
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

    /** @param notPermitted what tells that nft may not change the firewall */
    static FirewallException of(CommandResult result, Sign notPermitted) {
        return Sign.find(FIRST, result)
                .or(() -> Sign.find(List.of(notPermitted), result))
                .or(() -> Sign.find(THEN, result))
                .orElseGet(() -> new FirewallException(
                        Reason.FAILED, "nft ended with code " + result.exitCode() + " and said: " + Sign.said(result)));
    }
}
