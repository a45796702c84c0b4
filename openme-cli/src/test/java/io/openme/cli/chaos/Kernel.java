package io.openme.cli.chaos;

import io.openme.spi.Opening;
import io.openme.testkit.Finished;
import io.openme.testkit.Host;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the kernel admits, by its own words rather than the code's under test; and what others do to it. */
final class Kernel {
    private static final Pattern SET = Pattern.compile("\\n\\tset (\\S+)-ipv[46] \\{\\n(.*?)\\n\\t\\}", Pattern.DOTALL);
    private static final Pattern ELEMENT = Pattern.compile("([0-9a-f.:]+) timeout \\S+ expires (\\w+)");
    private static final Pattern ELEMENTS_OF_SETS =
            Pattern.compile("(\\n\\tset [^{]*\\{[^{}]*?)\\n\\t\\telements = \\{[^}]*\\}");
    private static final Pattern COUNTER = Pattern.compile("counter packets \\d+ bytes \\d+");
    private static final Pattern AMOUNT = Pattern.compile("(\\d+)(ms|d|h|m|s)");
    private static final Map<String, Long> UNITS = Map.of(
            "ms",
            1_000_000L,
            "s",
            1_000_000_000L,
            "m",
            60_000_000_000L,
            "h",
            3_600_000_000_000L,
            "d",
            86_400_000_000_000L);

    private final Host server;

    /**
     * Our table.
     *
     * @param before when the reading began
     * @param after when it had ended
     * @param openings what is admitted, and how many nanoseconds are left of each
     * @param guard all of the table but the openings
     */
    record Snapshot(long before, long after, Map<Opening, Long> openings, String guard) {}

    Kernel(Host server) {
        this.server = server;
    }

    Snapshot read() {
        long before = System.nanoTime();
        Finished listed = server.run("nft", "list", "table", "inet", "openme");
        long after = System.nanoTime();
        String text = listed.exitCode() == 0 ? listed.output() : "";
        Map<Opening, Long> openings = new HashMap<>();
        Matcher set = SET.matcher(text);
        while (set.find()) {
            Matcher element = ELEMENT.matcher(set.group(2));
            while (element.find()) {
                openings.put(new Opening(address(element.group(1)), set.group(1)), nanos(element.group(2)));
            }
        }
        String guard =
                COUNTER.matcher(ELEMENTS_OF_SETS.matcher(text).replaceAll("$1")).replaceAll("counter");
        return new Snapshot(before, after, openings, guard);
    }

    /** Runs a script of nft; what is not there any more is no error. */
    void nft(String script) {
        server.runWithInput(script, "nft", "-f", "-");
    }

    String list(String table) {
        return server.run("nft", "list", "table", "inet", table).output();
    }

    /** Takes away the first rule of ours that is written like this, if there is one. */
    void deleteRule(String chain, String rule) {
        Matcher handle = Pattern.compile("\\t" + rule + " # handle (\\d+)")
                .matcher(server.run("nft", "-a", "list", "chain", "inet", "openme", chain)
                        .output());
        if (handle.find()) {
            nft("delete rule inet openme " + chain + " handle " + handle.group(1));
        }
    }

    private static long nanos(String text) {
        long sum = 0;
        Matcher amount = AMOUNT.matcher(text);
        while (amount.find()) {
            sum += Long.parseLong(amount.group(1)) * UNITS.getOrDefault(amount.group(2), 0L);
        }
        return sum;
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
