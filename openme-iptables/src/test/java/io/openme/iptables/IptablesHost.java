package io.openme.iptables;

import io.openme.spi.FirewallException.Reason;
import io.openme.testkit.Host;
import io.openme.testkit.HostUnderTest;
import io.openme.testkit.TestNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The server of a network, with tools that keep a copy of what they are told. */
final class IptablesHost implements HostUnderTest {
    /** A table's frame, counters, openings that are rules, and what somebody else put there. */
    private static final Pattern NO_STATE =
            Pattern.compile("(#|\\*|COMMIT|:[A-Z]+ ACCEPT ).*" + "|.* --comment \"?(openme:[a-z0-9-]+|somebody)\"? .*");

    /** New sets have another letter than those in use. */
    private static final Pattern GENERATION = Pattern.compile("(openme[a-zA-Z.-]*\\.[46])[a-z]\\b");

    private final TestNetwork network;
    private final Host server;
    private final Plane plane;
    private final boolean ipset;
    private final Path input;
    private final Path lock;
    private final Path recording;
    private final Path hanging;
    private final Path missing;

    IptablesHost(TestNetwork network, Path directory, Plane plane, boolean ipset) throws IOException {
        this.network = network;
        this.server = network.server();
        this.plane = plane;
        this.ipset = ipset;
        this.input = directory.resolve("input");
        this.lock = directory.resolve("xtables.lock");
        // Whoever changes the host reads it before: the first input after that begins a new copy.
        this.recording = script(directory.resolve("recording"), """
                case $* in *restore*)
                    [ ! -e DIR/read ] || { rm DIR/read; : > DIR/input; }
                    tee -a DIR/input > DIR/latest
                    exec "$@" < DIR/latest ;;
                esac
                : > DIR/read
                : >> DIR/input
                exec "$@"
                """.replace("DIR", directory.toString()));
        this.hanging = script(directory.resolve("hanging"), "trap '' TERM; while :; do sleep 60; done\n");
        this.missing = script(directory.resolve("missing"), """
                exec unshare -m sh -c 'mount -t tmpfs none /usr/sbin && exec setpriv --no-new-privs "$@"' - "$@"
                """);
    }

    static Path script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body);
        if (!file.toFile().setExecutable(true)) {
            throw new IOException("can't make " + file + " executable");
        }
        return file;
    }

    /** The option that leads a command to the server, and there to another command. */
    String prefix(Object command) {
        return String.join(" ", server.prefix()) + " env XTABLES_LOCKFILE=" + lock + " " + command;
    }

    @Override
    public Map<String, String> options() {
        Map<String, String> options = new HashMap<>(
                Map.of("command", prefix(recording), "timeout", "20s", "ipset", ipset ? "required" : "never"));
        // What the host chooses by itself is tried, too.
        if (plane == Plane.LEGACY) {
            options.put("variant", "legacy");
        }
        return options;
    }

    @Override
    public void clear() {
        sh("nft flush ruleset; for t in iptables ip6tables; do $t-legacy -t mangle -F; $t-legacy -t mangle -X; done;"
                + " ipset destroy");
    }

    @Override
    public Optional<String> state() {
        String all = sh("for t in iptables ip6tables; do for v in nft legacy; do echo $t $v; $t-$v-save; done; done;"
                + " ipset list -name | sort");
        return Optional.of(all.lines()
                .filter(line -> !NO_STATE.matcher(line).matches())
                .map(line -> GENERATION.matcher(line).replaceAll("$1?"))
                .collect(Collectors.joining("\n")));
    }

    @Override
    public Optional<TestNetwork> network() {
        return Optional.of(network);
    }

    @Override
    public Map<String, Runnable> damages() {
        Map<String, Runnable> damages = new LinkedHashMap<>();
        damage(damages, "flushes the table of IPv4", "iptables -t mangle -F");
        damage(damages, "removes everything from the table of IPv6", "ip6tables -t mangle -F; ip6tables -t mangle -X");
        damage(damages, "flushes a chain that judges", "ip6tables -t mangle -F openme.1");
        damage(damages, "puts an accept into a chain", "iptables -t mangle -I openme.1 -j ACCEPT");
        damage(
                damages,
                "puts a rule before the guard",
                "ip6tables -t mangle -I PREROUTING -m comment --comment somebody -j ACCEPT");
        damage(damages, "empties INPUT", "iptables -t mangle -F INPUT");
        if (plane == Plane.NFT) {
            damage(damages, "flushes the ruleset", "nft flush ruleset");
        }
        if (ipset) {
            damage(damages, "flushes a set of IPv6", "ipset flush $(ipset list -n | grep 'openme.ssh.6')");
            damage(
                    damages,
                    "destroys the sets",
                    "iptables -t mangle -F; ip6tables -t mangle -F; sleep 0.05; ipset destroy");
        }
        return damages;
    }

    private void damage(Map<String, Runnable> damages, String name, String script) {
        damages.put(name, () -> sh(script.replace("tables -t", "tables-" + plane + " -t")));
    }

    @Override
    public Map<Reason, Map<String, String>> failures() {
        return Map.of(
                Reason.NOT_INSTALLED, Map.of("command", prefix(missing)),
                Reason.NOT_PERMITTED, Map.of("command", prefix("setpriv --bounding-set -all --inh-caps -all")),
                Reason.MISCONFIGURED, Map.of("max-openings", "many"),
                Reason.TIMED_OUT, Map.of("command", prefix(hanging), "timeout", "300ms"),
                Reason.REJECTED, Map.of("max-openings", "1"));
    }

    @Override
    public Optional<String> latestInput() {
        try {
            return Optional.of(Files.readString(input));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int many() {
        return ipset ? HostUnderTest.super.many() : IptablesFirewall.MOST_PLAIN_OPENINGS;
    }

    /** Runs a script on the server and returns what it printed. */
    String sh(String script) {
        return server.run("env", "XTABLES_LOCKFILE=" + lock, "sh", "-c", script).output();
    }
}
