package io.openme.nftables;

import io.openme.spi.FirewallException.Reason;
import io.openme.testkit.Host;
import io.openme.testkit.HostUnderTest;
import io.openme.testkit.TestNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The server of a network, with an nft that keeps a copy of what it is told. */
final class NftablesHost implements HostUnderTest {
    private final TestNetwork network;
    private final Host server;
    private final Path input;
    private final Path nft;
    private final Path hanging;

    /** @param edits sed expressions that change each script before nft gets it, to see what a broken backend does */
    NftablesHost(TestNetwork network, Path directory, String... edits) throws IOException {
        this.network = network;
        this.server = network.server();
        this.input = directory.resolve("input");
        StringBuilder sed = new StringBuilder("sed");
        for (String edit : edits) {
            sed.append(" -e '").append(edit).append('\'');
        }
        this.nft = script(
                directory.resolve("nft-that-remembers"),
                edits.length == 0
                        // What stands in for the guard meanwhile is not what was asked for.
                        ? "case \"$*\" in '-f -') tee " + input + ".latest | nft -f -; result=$?; grep -q stand-in "
                                + input + ".latest || cp " + input + ".latest " + input
                                + "; exit $result ;; *) exec nft \"$@\" ;; esac"
                        : "case \"$*\" in *'-f -') " + sed + " | nft \"$@\" ;; *) exec nft \"$@\" ;; esac");
        this.hanging = script(directory.resolve("nft-that-hangs"), "trap '' TERM; while :; do sleep 60; done");
    }

    private static Path script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        if (!file.toFile().setExecutable(true)) {
            throw new IOException("can't make " + file + " executable");
        }
        return file;
    }

    @Override
    public Map<String, String> options() {
        return Map.of("command", String.join(" ", server.prefix()), "nft", nft.toString(), "timeout", "20s");
    }

    @Override
    public void clear() {
        nft("flush ruleset");
    }

    /** Without what the kernel counts and without elements with a lifetime, which are the openings. */
    @Override
    public Optional<String> state() {
        String listing =
                server.run("nft", "--stateless", "list", "ruleset").orThrow().output();
        return Optional.of(listing.replaceAll("(?s)\\s*elements = \\{[^}]*timeout[^}]*\\}", ""));
    }

    @Override
    public Optional<TestNetwork> network() {
        return Optional.of(network);
    }

    @Override
    public Map<String, Runnable> damages() {
        Map<String, Runnable> damages = new LinkedHashMap<>();
        damages.put("flushes the ruleset", () -> nft("flush ruleset"));
        damages.put("deletes our table", () -> nft("delete table inet openme"));
        damages.put("flushes our table", () -> nft("flush table inet openme"));
        damages.put("flushes the guard's chain", () -> nft("flush chain inet openme guard"));
        damages.put("flushes a chain that judges", () -> nft("flush chain inet openme check-1"));
        damages.put("flushes what judges at input", () -> nft("flush chain inet openme delivered"));
        damages.put("deletes the guard's chain", () -> nft("delete chain inet openme guard"));
        damages.put("puts an accept first", () -> nft("insert rule inet openme guard accept"));
        damages.put(
                "puts a chain before ours",
                () -> nft(
                        "add chain inet openme early" + " { type filter hook prerouting priority raw; policy drop; }"));
        damages.put("makes the table dormant", () -> nft("add table inet openme { flags dormant; }"));
        damages.put("lets the guard come too late", this::letTheGuardComeTooLate);
        damages.put("changes the guard's policy", () -> nft("add chain inet openme guard { policy drop; }"));
        return damages;
    }

    @Override
    public Map<Reason, Map<String, String>> failures() {
        String prefix = String.join(" ", server.prefix());
        return Map.of(
                Reason.NOT_INSTALLED, Map.of("nft", "/nonexistent/nft"),
                Reason.NOT_PERMITTED, Map.of("command", prefix + " setpriv --bounding-set -all --inh-caps -all"),
                Reason.MISCONFIGURED, Map.of("max-openings", "many"),
                Reason.TIMED_OUT, Map.of("nft", hanging.toString(), "timeout", "300ms"),
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

    private void letTheGuardComeTooLate() {
        String guard = server.run("nft", "--stateless", "list", "chain", "inet", "openme", "guard")
                .orThrow()
                .output();
        nft("delete chain inet openme guard\n" + guard.replace("dstnat - 10", "dstnat + 10"));
    }

    void nft(String script) {
        server.runWithInput(script, "nft", "-f", "-").orThrow();
    }
}
