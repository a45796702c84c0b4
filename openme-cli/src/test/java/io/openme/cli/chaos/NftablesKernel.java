package io.openme.cli.chaos;

import io.openme.spi.Opening;
import io.openme.testkit.Finished;
import io.openme.testkit.Host;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kernel of nftables, by the words of nft. */
final class NftablesKernel implements Kernel {
    private static final String STRANGE_TABLE = """
            table inet strange {
            \tset them {
            \t\ttype ipv4_addr
            \t\telements = { 203.0.113.77 }
            \t}

            \tchain theirs {
            \t\ttype filter hook prerouting priority -200; policy accept;
            \t\tip saddr @them drop
            \t}
            }
            """;

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

    NftablesKernel(Host server) {
        this.server = server;
    }

    @Override
    public String backend() {
        return "nftables";
    }

    @Override
    public Map<String, String> options() {
        return Map.of();
    }

    @Override
    public Duration unit() {
        return Duration.ZERO;
    }

    @Override
    public Map<String, String> words() {
        return Map.of(
                "SET_FULL",
                "echo '/dev/stdin:1:1-9: Error: Could not process rule: Too many open files in system' >&2; exit 1",
                "STATE_LOST",
                "echo '/dev/stdin:1:1-9: Error: No such file or directory' >&2; exit 1",
                "FLUSH",
                "nft flush ruleset",
                "GUT",
                "nft flush chain inet openme guard");
    }

    @Override
    public void flush() {
        nft("flush ruleset");
    }

    @Override
    public Map<String, Runnable> deeds() {
        Map<String, Runnable> deeds = new LinkedHashMap<>();
        deeds.put("flush ruleset", this::flush);
        deeds.put("delete table", () -> nft("delete table inet openme"));
        deeds.put("flush guard chain", () -> nft("flush chain inet openme guard"));
        deeds.put("flush check chain", () -> nft("flush chain inet openme check-2"));
        deeds.put("delete guard's rule", () -> deleteRule("judge", "tcp dport .*"));
        deeds.put("delete state rule", () -> deleteRule("guarded", "ct state .*"));
        deeds.put("delete drop rule", () -> deleteRule("check-2", "counter .*"));
        deeds.put("insert accept rule", () -> nft("insert rule inet openme guard accept"));
        return deeds;
    }

    @Override
    public void delete(Opening opening) {
        boolean ipv4 = opening.source().getAddress().length == 4;
        nft("delete element inet openme " + opening.service() + (ipv4 ? "-ipv4 { " : "-ipv6 { ")
                + opening.source().getHostAddress() + " }");
    }

    @Override
    public void addStrange() {
        nft(STRANGE_TABLE);
    }

    @Override
    public void removeStrange() {
        nft("delete table inet strange");
    }

    @Override
    public Optional<String> strange() {
        return Optional.of(server.run("nft", "list", "table", "inet", "strange"))
                .filter(listed -> listed.exitCode() == 0)
                .map(Finished::output);
    }

    @Override
    public Snapshot read() {
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

    /** What is not there any more is no error. */
    private void nft(String script) {
        server.runWithInput(script, "nft", "-f", "-");
    }

    /** Takes away the first rule of ours that is written like this, if there is one. */
    private void deleteRule(String chain, String rule) {
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
