package io.openme.cli;

import io.openme.knocker.HoldOptions;
import io.openme.knocker.KnockResult;
import io.openme.knocker.KnockResult.Status;
import io.openme.knocker.Knocker;
import io.openme.knocker.Lease;
import io.openme.knocker.LeaseState;
import io.openme.knocker.LeaseState.Phase;
import io.openme.protocol.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code openme hold}. */
@Command(
        name = "hold",
        header = "Keeps a doorman's ports open for this host until you stop it.",
        description = {
            "Opens, renews, follows this host from one network to another, and closes at the end",
            "(Ctrl-C). Holds IPv4 and IPv6 where HOST has both. Prints each change as a line.",
            "Once something was open, no failure ends it: it tries again until you stop it."
        },
        footer = {
            "",
            "Your identity is given as for open; see: openme open --help",
            "",
            "Examples:",
            "  openme hold -s home.example",
            "  openme hold -s home.example --for 5m --service ssh",
            "",
            "Exit codes: 0 stopped; before anything was open: 1 refused,",
            "  2 wrong usage, or the doorman speaks only openme/1,",
            "  4 not authenticated (either side)."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class HoldCommand implements Callable<Integer> {
    /** Refusals that end by themselves. */
    private static final Set<Refusal> PASSING = Set.of(
            Refusal.NOT_NOW,
            Refusal.TOO_MANY_GRANTS,
            Refusal.TOO_MANY_ADDRESSES,
            Refusal.RATE_LIMITED,
            Refusal.FIREWALL_FAILED,
            Refusal.BUSY);

    private final Host host;
    private final Semaphore changes = new Semaphore(0);

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private GrantOptions grant = new GrantOptions();

    @Option(
            names = "--assume",
            paramLabel = "DURATION",
            converter = Converters.Duration.class,
            description = {
                "How long a doorman that speaks only openme/1 is taken to keep open what it",
                "opened; it does not say. Default: 5m, and none with --for."
            })
    private Optional<Duration> assumed = Optional.empty();

    @Mixin
    private KnockOptions options = new KnockOptions();

    HoldCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        CommandLine line = Program.line(spec);
        Knocker knocker = options.knocker(host);
        HoldLines lines = new HoldLines(line, changes::release);
        Lease lease = start(knocker, lines);
        // Without it a signal would end the JVM at once, and the exit code would be the signal's.
        Thread hook = new Thread(
                () -> {
                    lease.close();
                    Runtime.getRuntime().halt(ExitCode.OK);
                },
                "openme-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        int code = hold(lease, lines);
        if (code != ExitCode.OK) {
            Messages.error(line, "nothing could be opened, so this ends; start it anew when that is mended");
        }
        removeHook(hook);
        lease.close();
        return code;
    }

    private Lease start(Knocker knocker, HoldLines lines) {
        try {
            return knocker.hold(new HoldOptions(grant.services(), grant.lifetime(), assumed, lines));
        } catch (IllegalArgumentException e) {
            throw new UsageException(e);
        }
    }

    /** Until this thread is interrupted, or it is clear at the beginning that this does not work; the exit code. */
    private int hold(Lease lease, HoldLines lines) {
        try {
            while (true) {
                changes.acquire();
                Optional<KnockResult> hopeless = lines.everHeld() ? Optional.empty() : hopeless(lease.state());
                if (hopeless.isPresent()) {
                    return KnockOptions.exitCode(hopeless.get());
                }
            }
        } catch (InterruptedException e) {
            // The one way to stop it without a signal. Closing waits, which an interrupted thread does not.
            return ExitCode.OK;
        }
    }

    /** What stands in the way for good, if all that there is has failed. */
    private static Optional<KnockResult> hopeless(List<LeaseState> states) {
        boolean failed =
                states.stream().allMatch(each -> each.phase() == Phase.FAILING || each.phase() == Phase.ABSENT);
        return states.stream()
                .flatMap(each -> each.trouble().stream())
                .filter(result -> failed && isForGood(result))
                .findFirst();
    }

    private static boolean isForGood(KnockResult result) {
        return result.status() != Status.UNREACHABLE
                && result.status() != Status.TIMED_OUT
                && result.refusal().filter(PASSING::contains).isEmpty();
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // A signal came just now: the hook ends the JVM.
        }
    }
}
