package io.openme.nftables;

import io.openme.exec.CommandException;
import io.openme.exec.CommandResult;
import io.openme.exec.CommandRunner;
import io.openme.exec.Limits;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs nft, and reads what it means by its errors. */
final class Nft {
    private static final Logger LOG = LoggerFactory.getLogger(Nft.class);
    private static final List<String> PROC = List.of("/proc/net/tcp", "/proc/net/tcp6");

    /** A listing holds some 60 bytes for each opening, {@code /proc/net/tcp} 150 for each connection. */
    private static final int LONGEST_OUTPUT = 128 << 20;

    private final NftablesOptions options;
    private final CommandRunner runner;
    private final Limits limits;

    Nft(NftablesOptions options) {
        this(options, options.timeout());
    }

    private Nft(NftablesOptions options, Duration timeout) {
        this.options = options;
        this.runner = new CommandRunner(options.command());
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
        try {
            runner.requireAlone();
        } catch (CommandException.StillRunning e) {
            throw new FirewallException(Reason.BUSY, String.valueOf(e.getMessage()), e);
        }
    }

    /** Reads the script and says whether it could be applied by this user, without doing so. */
    void check(String script) {
        run(script, "-c", "-f", "-");
    }

    /** The table in nft's own words. */
    String list(String table) {
        return list(List.of("list", "table"), table);
    }

    /** The table in nft's own words, without elements and counters: the same until somebody changes a set, chain or rule. */
    String outline(String table) {
        return list(List.of("--terse", "--stateless", "list", "table"), table);
    }

    private String list(List<String> command, String table) {
        List<String> arguments = new ArrayList<>(command);
        arguments.addAll(List.of(table.split(" ", -1)));
        return run("", arguments.toArray(String[]::new));
    }

    /** Such as {@code nftables v1.0.6 (Lester Gooch #5)}. */
    String version() {
        return NftErrors.clean(run("", "--version"));
    }

    /**
     * The TCP connections of the host that the command prefix leads to.
     *
     * <p>A prefix that allows nothing but nft, as a careful sudoers file does, leaves those of the network namespace
     * that this process lives in, which then is the same.
     */
    List<EarlierConnection> connections() {
        if (!options.command().isEmpty()) {
            try {
                List<String> cat = new ArrayList<>(List.of("cat"));
                cat.addAll(PROC);
                CommandResult result = runner.run(cat, new byte[0], limits);
                if (!result.output().isEmpty()) { // without IPv6 it complains, and prints the rest
                    return EarlierConnection.parse(result.output());
                }
                LOG.debug("{} does not run cat; reading the connections of this namespace", options.command());
            } catch (CommandException e) {
                LOG.debug("{} does not run cat; reading the connections of this namespace", options.command(), e);
            }
        }
        List<EarlierConnection> connections = new ArrayList<>();
        for (String file : PROC) {
            try {
                connections.addAll(EarlierConnection.parse(Files.readString(Path.of(file))));
            } catch (IOException e) {
                LOG.debug("no {}", file, e);
            }
        }
        return connections;
    }

    private String run(String input, String... arguments) {
        return run(false, input, arguments);
    }

    private String run(boolean alone, String input, String... arguments) {
        List<String> command = new ArrayList<>(List.of(options.nft()));
        command.addAll(List.of(arguments));
        try {
            byte[] bytes = input.getBytes(StandardCharsets.US_ASCII);
            CommandResult result = alone ? runner.runAlone(command, bytes, limits) : runner.run(command, bytes, limits);
            if (!result.succeeded()) {
                throw NftErrors.of(result);
            }
            return result.output();
        } catch (CommandException.NotFound e) {
            throw new FirewallException(
                    Reason.NOT_INSTALLED, e.getMessage() + "; install the package nftables, or set the option nft", e);
        } catch (CommandException.StillRunning e) {
            throw new FirewallException(Reason.BUSY, String.valueOf(e.getMessage()), e);
        } catch (CommandException.TimedOut e) {
            throw new FirewallException(Reason.TIMED_OUT, String.valueOf(e.getMessage()), e);
        } catch (CommandException e) {
            throw new FirewallException(Reason.FAILED, String.valueOf(e.getMessage()), e);
        }
    }
}
