package io.openme.cli;

import io.openme.cli.config.Durations;
import io.openme.knocker.KnockResult;
import io.openme.protocol.IpLiteral;
import io.openme.protocol.Reply.Held;
import io.openme.protocol.Reply.Listed;
import io.openme.protocol.Reply.Owner;
import io.openme.protocol.Request;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code openme status}. */
@Command(
        name = "status",
        header = "Asks a doorman what you hold open, and from where it sees you.",
        footer = {
            "",
            "Your identity is given as for open; see: openme open --help",
            "",
            "Examples:",
            "  openme status -s home.example",
            "  openme status -s home.example --all --json",
            "",
            "Exit codes: 0 listed, 1 refused,",
            "  2 wrong usage, or the doorman speaks only openme/1,",
            "  3 unreachable or timed out, 4 not authenticated (either side)."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class StatusCommand implements Callable<Integer> {
    private static final String ROW = "%-39s %-16s %-11s %s%n";
    private static final int SHORT = 16;

    private final Host host;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--all", description = "For administrators: what every client holds.")
    private boolean all;

    @Option(names = "--me", description = "Print only the address that the doorman sees you come from.")
    private boolean me;

    @Option(names = "--json", description = "For programs: a JSON object.")
    private boolean json;

    @Mixin
    private KnockOptions options = new KnockOptions();

    StatusCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        if (me && (all || json)) {
            throw new UsageException("--me prints only an address; leave out --all and --json");
        }
        CommandLine line = Program.line(spec);
        KnockResult result = options.ask(host, line, new Request.Status(all));
        if (result.granted()) {
            result.reply().map(Listed.class::cast).ifPresent(listed -> print(line.getOut(), listed));
        }
        return KnockOptions.exitCode(result);
    }

    private void print(PrintWriter out, Listed listed) {
        if (me) {
            out.println(IpLiteral.format(listed.seen()));
        } else if (json) {
            out.println(Json.write(toMap(listed)));
        } else {
            table(out, listed);
        }
        out.flush();
    }

    private void table(PrintWriter out, Listed listed) {
        out.println(options.doorman() + " sees you come from " + IpLiteral.format(listed.seen()));
        if (listed.held().isEmpty()) {
            out.println("Nothing is open.");
            return;
        }
        out.printf(Locale.ROOT, ROW, "ADDRESS", "SERVICE", "TIME LEFT", all ? "CLIENT" : "");
        for (Held held : listed.held()) {
            out.printf(
                    Locale.ROOT,
                    ROW,
                    IpLiteral.format(held.address()),
                    held.service(),
                    left(held.remaining()),
                    held.owner().map(StatusCommand::text).orElse(""));
        }
        if (listed.more() > 0) {
            out.println("... and " + listed.more() + " more");
        }
    }

    private static String left(Duration remaining) {
        return remaining.isZero() ? "0s" : Durations.format(remaining);
    }

    private static String text(Owner owner) {
        String fingerprint = owner.fingerprint();
        return owner.name() + " (" + fingerprint.substring(0, Math.min(SHORT, fingerprint.length())) + ")";
    }

    private static Map<String, Object> toMap(Listed listed) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("address", IpLiteral.format(listed.seen()));
        map.put("held", listed.held().stream().map(StatusCommand::toMap).toList());
        map.put("more", listed.more());
        return map;
    }

    private static Map<String, Object> toMap(Held held) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("address", IpLiteral.format(held.address()));
        map.put("service", held.service());
        map.put("remainingSeconds", held.remaining().toSeconds());
        held.owner().ifPresent(owner -> {
            map.put("client", owner.fingerprint());
            map.put("name", owner.name());
        });
        return map;
    }
}
