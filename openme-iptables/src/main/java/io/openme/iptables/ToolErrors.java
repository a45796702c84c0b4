package io.openme.iptables;

import io.openme.exec.CommandResult;
import io.openme.exec.backend.Sign;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What iptables and ipset, or the command before them, mean by an error. */
final class ToolErrors {
    private static final Pattern LINE = Pattern.compile("line (\\d{1,9})\\b");

    private static final String LACKS = "the kernel, or iptables, lacks a match that is needed: multiport, conntrack,"
            + " addrtype, comment, and time or set; load or install it";
    private static final String CHANGED = "somebody removed our guard or a part of it";

    private static final List<Sign> IPTABLES_FIRST = List.of(
            Sign.notInstalled("iptables is not installed; install the package iptables, or set the option variant"),
            Sign.noNamespace(),
            new Sign(
                    "can't open lock file",
                    Reason.NOT_PERMITTED,
                    "iptables-legacy can't write its lock file; run as root, or name another file by the option"
                            + " command, such as env XTABLES_LOCKFILE=/path"),
            new Sign(
                    "holding the xtables lock",
                    Reason.TIMED_OUT,
                    "another program held the xtables lock all the time, so nothing was changed; raise the option"
                            + " timeout, or end that program"));

    private static final List<Sign> IPTABLES_THEN = List.of(
            new Sign(
                    "is incompatible, use 'nft' tool",
                    Reason.NOT_SUPPORTED,
                    "somebody put rules into the table mangle that iptables can't read; remove them with nft, or use"
                            + " the backend nftables"),
            new Sign(
                    "initiali[sz]e|generation id|Table does not exist|Protocol not supported",
                    Reason.NOT_SUPPORTED,
                    "this kernel has not what this iptables needs, ip_tables and ip6_tables or nf_tables; load the"
                            + " modules, or set the option variant to the other one"),
            new Sign("Set \\S+ doesn't exist", Reason.STATE_LOST, "somebody destroyed a set of ours"),
            new Sign("Couldn't load (match|target)|unknown option|_APPEND failed", Reason.NOT_SUPPORTED, LACKS),
            new Sign(
                    "_DEL failed",
                    Reason.REJECTED,
                    "a rule of somebody else leads to one of our chains; remove that rule"),
            new Sign("Bad rule|No chain/target/match|does not exist", Reason.STATE_LOST, CHANGED));

    private static final List<Sign> IPSET_FIRST = List.of(
            Sign.notInstalled("ipset is not installed; install the package ipset, or set the option ipset to never"),
            Sign.noNamespace());

    private static final List<Sign> IPSET_THEN = List.of(
            new Sign("Hash is full", Reason.REJECTED, "there are too many openings; raise the option max-openings"),
            new Sign("given name does not exist", Reason.STATE_LOST, "somebody destroyed a set of ours"),
            new Sign(
                    "in use by a kernel component",
                    Reason.REJECTED,
                    "a rule of somebody else uses one of our sets; remove that rule"),
            new Sign(
                    "Cannot open session|protocol version|not supported|Unknown message",
                    Reason.NOT_SUPPORTED,
                    "this kernel has no ipset; load the modules ip_set and ip_set_hash_ip, or set the option ipset to"
                            + " never"),
            new Sign(
                    "set with the same name already exists",
                    Reason.REJECTED,
                    "a set that this run was about to make is there already; end the other doorman of this owner"),
            new Sign("Error in line", Reason.REJECTED, "ipset refused it"));

    private ToolErrors() {}

    /**
     * What iptables means.
     *
     * @param input what the tool read; a failure at its last line is the kernel's, not that of a missing rule
     * @param notPermitted what tells that it may not change the firewall
     */
    static FirewallException ofIptables(CommandResult result, String input, Sign notPermitted) {
        return Sign.find(IPTABLES_FIRST, result)
                .or(() -> Sign.find(List.of(notPermitted), result))
                .or(() -> Sign.find(IPTABLES_THEN, result))
                .or(() -> Sign.find(
                        List.of(
                                line(result) == input.lines().count()
                                        ? new Sign("line \\d+ failed", Reason.NOT_SUPPORTED, LACKS)
                                        : new Sign("line \\d+ failed", Reason.STATE_LOST, CHANGED)),
                        result))
                .orElseGet(() -> unknown("iptables", result));
    }

    /** What ipset did before the line that it failed at stays done: that is no harmless failure. */
    static FirewallException ofIpset(CommandResult result, Step step, Sign notPermitted) {
        FirewallException failure = Sign.find(IPSET_FIRST, result)
                .or(() -> Sign.find(List.of(notPermitted), result))
                .or(() -> Sign.find(IPSET_THEN, result))
                .orElseGet(() -> unknown("ipset", result));
        boolean changed = step.inUse()
                && step.input().lines().limit(Math.max(0, line(result) - 1L)).anyMatch(ToolErrors::changes);
        return changed && failure.nothingChanged()
                ? new FirewallException(Reason.FAILED, failure.getMessage() + "; a part of it is done", failure)
                : failure;
    }

    private static boolean changes(String line) {
        return line.startsWith("add ") || line.startsWith("del ");
    }

    private static int line(CommandResult result) {
        Matcher line = LINE.matcher(result.errors());
        return line.find() ? Integer.parseInt(line.group(1)) : 0;
    }

    private static FirewallException unknown(String tool, CommandResult result) {
        return new FirewallException(
                Reason.FAILED, tool + " ended with code " + result.exitCode() + " and said: " + Sign.said(result));
    }
}
