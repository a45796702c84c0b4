package io.openme.cli.chaos;

import io.openme.spi.Opening;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/** What others do to the ruleset: to our part of it, and to their own. */
final class Mischief {
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

    private final Random random;
    private final Kernel kernel;
    private final Tally tally;
    private final Consumer<String> trouble;
    private final List<InetAddress> addresses;
    private final Set<Opening> taken = new HashSet<>();
    private boolean strangeTable;

    Mischief(Random random, Kernel kernel, Tally tally, Consumer<String> trouble, List<InetAddress> addresses) {
        this.random = random;
        this.kernel = kernel;
        this.tally = tally;
        this.trouble = trouble;
        this.addresses = addresses;
    }

    /** The openings that were taken away since this was cleared. */
    Set<Opening> taken() {
        return taken;
    }

    /** What somebody else does to the ruleset. */
    void deed(Ledger ledger) {
        switch (random.nextInt(9)) {
            case 0 -> flush();
            case 1 -> foreign("delete table", "delete table inet openme");
            case 2 -> foreign("flush guard chain", "flush chain inet openme guard");
            case 3 -> foreign("flush check chain", "flush chain inet openme check-" + (1 + random.nextInt(3)));
            case 4 -> deleteRule("guard", random.nextBoolean() ? "tcp dport .*" : "ct state .*");
            case 5 -> deleteRule("check-2", "counter .*");
            case 6 -> foreign("insert accept rule", "insert rule inet openme guard accept");
            case 7 -> {
                Opening opening =
                        new Opening(pick(addresses), pick(ChaosDoorman.SERVICES).name());
                boolean ipv4 = opening.source().getAddress().length == 4;
                tally.step("delete opening");
                // Fails closed, and comes back with the next install or renewal: see Firewall.intact().
                kernel.nft("delete element inet openme " + opening.service() + (ipv4 ? "-ipv4 { " : "-ipv6 { ")
                        + opening.source().getHostAddress() + " }");
                taken.add(opening);
                ledger.doubt(opening);
            }
            default -> {
                tally.step("strange table");
                kernel.nft(strangeTable ? "delete table inet strange" : STRANGE_TABLE);
                strangeTable = !strangeTable;
            }
        }
    }

    private void deleteRule(String chain, String rule) {
        tally.step("delete rule");
        trouble.accept("delete rule");
        kernel.deleteRule(chain, rule);
    }

    private void foreign(String kind, String script) {
        tally.step(kind);
        trouble.accept(kind);
        kernel.nft(script);
        strangeTable &= !script.equals("flush ruleset");
    }

    void flush() {
        foreign("flush ruleset", "flush ruleset");
    }

    /** Somebody may have flushed what is not ours, too. */
    void lookAgain() {
        strangeTable = strangeTable && kernel.list("strange").startsWith("table");
    }

    void othersAreUntouched() {
        if (strangeTable && !kernel.list("strange").equals(STRANGE_TABLE)) {
            tally.violation("somebody else's table was touched: " + kernel.list("strange"));
        }
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
