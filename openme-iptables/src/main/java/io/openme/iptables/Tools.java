package io.openme.iptables;

import io.openme.exec.CommandResult;
import io.openme.exec.Limits;
import io.openme.exec.backend.EarlierConnection;
import io.openme.exec.backend.HostTool;
import io.openme.exec.backend.Sign;
import io.openme.spi.FirewallException;
import io.openme.spi.FirewallException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.Stream;

/** Runs the tools of iptables and ipset, and reads what they mean by their errors. */
final class Tools {
    private static final List<String> IPSET = List.of("ipset", "-exist", "restore");
    private static final List<String> IPSET_NEW = List.of("ipset", "restore");
    private static final List<String> IPSET_NAMES = List.of("ipset", "list", "-name");

    /** A listing of a set holds some 60 bytes for each opening. */
    private static final int LONGEST_OUTPUT = 128 << 20;

    /** For the lock, in seconds, where there is little time; always the same, since a sudoers line can name it. */
    private static final long SHORT_WAIT = 2;

    private static final Duration SHORTEST = Duration.ofMillis(1);

    private final IptablesOptions options;
    private final Families families;
    private final Optional<Long> end;
    private final HostTool iptables;
    private final HostTool ipset;
    private Optional<String> version = Optional.empty();

    Tools(IptablesOptions options) {
        this(options, Families.OF_THIS_HOST);
    }

    Tools(IptablesOptions options, Families families) {
        this(options, families, Optional.empty());
    }

    private Tools(IptablesOptions options, Families families, Optional<Long> end) {
        this.options = options;
        this.families = families;
        this.end = end;
        this.iptables = new HostTool(options.command(), "install the package iptables, or set the option variant");
        this.ipset = iptables.and("install the package ipset, or set the option ipset to never");
    }

    /** The same, with no more than this time for all commands together. */
    Tools within(Duration time) {
        return new Tools(options, families, Optional.of(System.nanoTime() + time.toNanos()));
    }

    /** Those that are to be guarded now. */
    List<Family> families() {
        return families.guarded();
    }

    /** Such as {@code iptables-save v1.8.9 (nf_tables)}. */
    String version() {
        if (version.isEmpty()) {
            version = Optional.of(Sign.clean(run(List.of(program(Family.IPV4, "save"), "-V"), "")));
        }
        return version.get();
    }

    /** Where our rules are: versions before 1.8 know but one plane, and do not name it. */
    Plane plane() {
        return options.variant().orElseGet(() -> version().contains("nf_tables") ? Plane.NFT : Plane.LEGACY);
    }

    /** What our plane holds. */
    Mangle mangle(Family family, Names names) {
        return mangle(plane(), program(family, "save"), names);
    }

    /** What the other plane holds. */
    Mangle otherMangle(Family family, Names names) {
        Plane other = plane().other();
        return mangle(other, other.program(family, "save"), names);
    }

    private Mangle mangle(Plane plane, String program, Names names) {
        List<String> command = Stream.concat(Stream.of(program), plane.saveArguments().stream())
                .toList();
        return Mangle.parse(run(command, ""), names);
    }

    /** Such as {@code ipset v7.17, protocol version: 7}; fails if there is no ipset, or none in the kernel. */
    String ipsetVersion() {
        sets();
        return Sign.clean(runIpset(Step.of(List.of("ipset", "-v"), "", false), ipset::run));
    }

    /** The names of all sets of the host. */
    List<String> sets() {
        return runIpset(Step.of(IPSET_NAMES, "", false), ipset::run).lines().toList();
    }

    /** The TCP connections of other hosts to these ports. */
    List<EarlierConnection> connections(IntPredicate ports) {
        return EarlierConnection.list(options.command(), limits(), ports);
    }

    /** A step that changes rules of our plane, or fails and changes nothing. */
    Step restore(Family family, String body) {
        return restore(program(family, "restore"), body);
    }

    /** The same for the other plane. */
    Step otherRestore(Family family, String body) {
        return restore(plane().other().program(family, "restore"), body);
    }

    private Step restore(String program, String body) {
        // The lock is given up a second before we give up the tool, so that it can say so.
        long seconds = Math.max(1, options.timeout().toSeconds() - 1);
        seconds = end.isPresent() ? Math.min(seconds, SHORT_WAIT) : seconds;
        return Step.of(List.of(program, "-w", Long.toString(seconds), "--noflush"), body, true);
    }

    /** A step that changes what is in use of sets; a failure can leave a part of it done. */
    static Step changeSets(String body) {
        return Step.of(IPSET, body, true);
    }

    /** A step that makes sets; fails if one is there already, so that nobody gets in who is in that one. */
    static Step newSets(String body) {
        return Step.of(IPSET_NEW, body, false);
    }

    /** A step that destroys sets which are not in use. */
    static Step otherSets(String body) {
        return Step.of(IPSET, body, false);
    }

    /** Fails if an earlier step may yet do its work. */
    void requireNonePending() {
        iptables.requireAlone();
    }

    /** Runs a step, unless an earlier one may yet do its work. */
    void run(Step step) {
        if (step.command().get(0).equals(IPSET.get(0))) {
            runIpset(step, ipset::runAlone);
        } else {
            run(step.command(), step.input(), iptables::runAlone);
        }
    }

    /** Has ipset do what changes nothing, and returns what it printed. */
    String readSets(String body) {
        return runIpset(Step.of(IPSET, body, false), ipset::run);
    }

    /** Has the tool read a step and say whether it could be done by this user, without doing it. */
    void check(Step step) {
        run(Stream.concat(step.command().stream(), Stream.of("--test")).toList(), step.input());
    }

    private interface Way {
        CommandResult run(List<String> command, String input, Limits limits);
    }

    private String runIpset(Step step, Way way) {
        CommandResult result = way.run(step.command(), step.input(), limits());
        if (!result.succeeded()) {
            throw ToolErrors.ofIpset(result, step, ipset.notPermitted(result));
        }
        return result.output();
    }

    private String run(List<String> command, String input) {
        return run(command, input, iptables::run);
    }

    private String run(List<String> command, String input, Way way) {
        CommandResult result = way.run(command, input, limits());
        if (result.succeeded() && !result.output().contains(" is incompatible, use 'nft' tool")) {
            return result.output();
        }
        FirewallException failure = ToolErrors.ofIptables(result, input, iptables.notPermitted(result));
        if (failure.reason() == Reason.NOT_SUPPORTED && result.errors().contains("unable to initialize table")) {
            // Does not say why: the right may be missing, or the module. This does.
            String save = command.get(0).replaceFirst("restore$", "save");
            CommandResult why = iptables.run(List.of(save, "-t", "mangle"), "", limits());
            throw why.succeeded() ? failure : ToolErrors.ofIptables(why, "", iptables.notPermitted(why));
        }
        throw failure;
    }

    private String program(Family family, String verb) {
        return options.variant().map(plane -> plane.program(family, verb)).orElseGet(() -> family.tool() + "-" + verb);
    }

    private Duration timeout() {
        Duration timeout = options.timeout();
        if (end.isEmpty()) {
            return timeout;
        }
        Duration left = Duration.ofNanos(end.get() - System.nanoTime());
        timeout = left.compareTo(timeout) < 0 ? left : timeout;
        return timeout.compareTo(SHORTEST) < 0 ? SHORTEST : timeout;
    }

    private Limits limits() {
        return Limits.of(timeout()).withOutputBytes(LONGEST_OUTPUT);
    }
}
