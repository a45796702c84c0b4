package io.openme.cli.chaos;

import io.openme.spi.Opening;
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
import java.util.stream.Collectors;

/** The kernel of iptables with ipset, by the words of their tools. */
final class IptablesKernel implements Kernel {
    private static final Pattern IN_USE = Pattern.compile("--match-set (openme\\.[a-z]+\\.[46][a-z]) src -j");
    private static final Pattern ELEMENT =
            Pattern.compile("^add (openme\\.([a-z]+)\\.[46][a-z]) (\\S+) timeout ([1-9]\\d*)$", Pattern.MULTILINE);
    private static final Pattern GENERATION = Pattern.compile("(openme\\.\\S+\\.[46])[a-z]\\b");
    private static final Pattern COUNTERS = Pattern.compile("\\[\\d+:\\d+\\]");

    private final Host server;

    IptablesKernel(Host server) {
        this.server = server;
    }

    @Override
    public String backend() {
        return "iptables";
    }

    @Override
    public Map<String, String> options() {
        return Map.of("ipset", "required", "variant", "nft");
    }

    @Override
    public Duration unit() {
        return Duration.ofSeconds(1);
    }

    @Override
    public Map<String, String> words() {
        return Map.of(
                "SET_FULL",
                "echo 'ipset v7.17: Error in line 1: Hash is full, cannot add more elements' >&2; exit 1",
                "STATE_LOST",
                "echo 'ipset v7.17: Error in line 1: The set with the given name does not exist' >&2; exit 1",
                "FLUSH",
                "nft flush ruleset",
                "GUT",
                "iptables -t mangle -F openme");
    }

    @Override
    public Snapshot read() {
        long before = System.nanoTime();
        String text = sh("for t in iptables ip6tables; do echo $t; $t-save -t mangle; done; echo sets; ipset save");
        long after = System.nanoTime();
        int sets = text.indexOf("\nsets\n") + 1;
        String rules = text.substring(0, sets);
        Map<Opening, Long> openings = new HashMap<>();
        Matcher element = ELEMENT.matcher(text.substring(sets));
        while (element.find()) {
            Matcher used = IN_USE.matcher(rules);
            if (used.results().anyMatch(use -> use.group(1).equals(element.group(1)))) {
                openings.put(
                        new Opening(address(element.group(3)), element.group(2)),
                        Long.parseLong(element.group(4)) * 1_000_000_000L);
            }
        }
        String guard = rules.lines()
                .filter(line -> !line.startsWith("#") && !line.contains("somebody"))
                .map(line -> GENERATION.matcher(line).replaceAll("$1"))
                .map(line -> COUNTERS.matcher(line).replaceAll(""))
                .collect(Collectors.joining("\n"));
        return new Snapshot(before, after, openings, guard);
    }

    @Override
    public void flush() {
        sh("nft flush ruleset");
    }

    @Override
    public Map<String, Runnable> deeds() {
        Map<String, String> scripts = new LinkedHashMap<>();
        scripts.put("flush ruleset", "nft flush ruleset");
        scripts.put("iptables -F", "iptables -t mangle -F");
        scripts.put("ip6tables -F and -X", "ip6tables -t mangle -F; ip6tables -t mangle -X");
        scripts.put("flush guard chain", "iptables -t mangle -F openme");
        scripts.put("flush check chain", "ip6tables -t mangle -F openme.2");
        scripts.put("insert accept rule", "iptables -t mangle -I openme.1 -j ACCEPT");
        scripts.put(
                "insert rule before the guard",
                "ip6tables -t mangle -I PREROUTING -m comment --comment somebody -j ACCEPT");
        scripts.put("flush set", "ipset flush $(ipset list -n | grep '^openme.ssh.6' | head -1)");
        Map<String, Runnable> deeds = new LinkedHashMap<>();
        scripts.forEach((name, script) -> deeds.put(name, () -> sh(script)));
        return deeds;
    }

    @Override
    public void delete(Opening opening) {
        sh("for set in $(ipset list -n | grep '^openme[.]" + opening.service() + "[.]"
                + (opening.source().getAddress().length == 4 ? 4 : 6) + "'); do ipset -exist del $set "
                + opening.source().getHostAddress() + "; done");
    }

    @Override
    public void addStrange() {
        sh("iptables -t mangle -A POSTROUTING -d 203.0.113.77 -m comment --comment somebody -j DROP");
    }

    @Override
    public void removeStrange() {
        sh("iptables -t mangle -D POSTROUTING -d 203.0.113.77 -m comment --comment somebody -j DROP");
    }

    @Override
    public Optional<String> strange() {
        return Optional.of(sh("iptables-save -t mangle | grep POSTROUTING.*somebody"))
                .filter(rule -> !rule.isEmpty());
    }

    /** What is not there any more is no error. */
    private String sh(String script) {
        return server.run("sh", "-c", script + " 2>&1").output();
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
