package io.openme.nftables;

import io.openme.exec.CommandResult;
import io.openme.exec.Limits;
import io.openme.exec.backend.EarlierConnection;
import io.openme.exec.backend.HostTool;
import io.openme.exec.backend.Sign;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/** Runs nft, and reads what it means by its errors. */
final class Nft {
    /** A listing holds some 60 bytes for each opening, {@code /proc/net/tcp} 150 for each connection. */
    private static final int LONGEST_OUTPUT = 128 << 20;

    private final NftablesOptions options;
    private final HostTool tool;
    private final Limits limits;

    Nft(NftablesOptions options) {
        this(options, options.timeout());
    }

    private Nft(NftablesOptions options, Duration timeout) {
        this.options = options;
        this.tool = new HostTool(options.command(), "install the package nftables, or set the option nft");
        this.limits = Limits.of(timeout).withOutputBytes(LONGEST_OUTPUT);
    }

    /** The same, with no more than this time for each command. */
    Nft within(Duration timeout) {
        return options.timeout().compareTo(timeout) <= 0 ? this : new Nft(options, timeout);
    }

    /** Makes one transaction of the script, unless an earlier one may yet come. */
    void apply(String script) {
        run(true, script, "-f", "-");
    }

    /** Fails if an earlier transaction may yet come. */
    void requireNonePending() {
        tool.requireAlone();
    }

    /** Reads the script and says whether it could be applied by this user, without doing so. */
    void check(String script) {
        run(script, "-c", "-f", "-");
    }

    /** The table in nft's own words. */
    String list(String table) {
        List<String> arguments = new ArrayList<>(List.of("list", "table"));
        arguments.addAll(List.of(table.split(" ", -1)));
        return run("", arguments.toArray(String[]::new));
    }

    /**
     * The table in nft's own words, without elements and counters: the same until somebody changes a set, chain or rule.
     * Empty if there is no such table.
     */
    Optional<String> outline(String table) {
        // Of one table alone, nft 1.0.6 reads all elements even where it does not print them.
        String ruleset = run("", "--terse", "--stateless", "list", "ruleset", "inet");
        int start = ("\n" + ruleset).indexOf("\ntable " + table + " {");
        int end = ruleset.indexOf("\n}", Math.max(0, start));
        return start < 0 || end < 0 ? Optional.empty() : Optional.of(ruleset.substring(start, end));
    }

    /** Such as {@code nftables v1.0.6 (Lester Gooch #5)}. */
    String version() {
        return Sign.clean(run("", "--version"));
    }

    /** The TCP connections of other hosts to these ports. */
    List<EarlierConnection> connections(IntPredicate ports) {
        return EarlierConnection.list(options.command(), limits, ports);
    }

    private String run(String input, String... arguments) {
        return run(false, input, arguments);
    }

    private String run(boolean alone, String input, String... arguments) {
        List<String> command = new ArrayList<>(List.of(options.nft()));
        command.addAll(List.of(arguments));
        CommandResult result = alone ? tool.runAlone(command, input, limits) : tool.run(command, input, limits);
        if (!result.succeeded()) {
            throw NftErrors.of(result, tool.notPermitted(result));
        }
        return result.output();
    }
}
