package io.openme.cli;

import io.openme.cli.demo.Visit;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a visitor of the demo does; a command, so that it can be run in a namespace of its own. */
@Command(name = "demo-visit", hidden = true)
final class VisitCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(index = "0", converter = Converters.Address.class)
    private @Nullable InetAddress address;

    @Parameters(index = "1")
    private int port;

    @Option(names = "--from", converter = Converters.Address.class)
    private Optional<InetAddress> from = Optional.empty();

    @Option(names = "--until-refused", converter = Converters.Duration.class)
    private Optional<Duration> atMost = Optional.empty();

    @Override
    public Integer call() {
        Visit visit = new Visit(Objects.requireNonNull(address), port, from);
        Visit.Seen seen = atMost.isPresent() ? visit.untilRefused(atMost.get()) : visit.once();
        Program.line(spec).getOut().println(seen);
        return seen.served() ? ExitCode.OK : ExitCode.REFUSED;
    }
}
