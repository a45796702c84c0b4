package io.openme.cli;

import io.openme.cli.config.Configuration;
import io.openme.tls.Identity;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code openme serve}. */
@Command(
        name = "serve",
        header = "Runs the doorman, in the foreground.",
        description = {
            "Guards the services of the configuration, and opens them for clients that knock.",
            "SIGTERM and SIGINT (Ctrl-C) close every opening and end it with exit code 0."
        },
        footer = {
            "",
            "Examples:",
            "  openme serve -c /etc/openme/config.yaml",
            "  openme serve --dry-run",
            "",
            "Exit codes: 0 told to end, 2 wrong usage or configuration, or it can't run here."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class ServeCommand implements Callable<Integer> {
    private final Host host;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Option(
            names = {"-d", "--daemon"},
            hidden = true)
    private boolean daemon;

    ServeCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        if (daemon) {
            throw new UsageException("-d/--daemon is not there: the doorman stays in the foreground, where a service"
                    + " manager restarts it and keeps its log. Leave it out, and write ExecStart=... serve -c "
                    + options.file().toAbsolutePath().normalize()
                    + " into a systemd unit; without systemd: nohup openme serve -c "
                    + options.file() + " >openme.log 2>&1 &");
        }
        Logging.service();
        CommandLine line = Program.line(spec);
        Configuration configuration = options.read(line);
        // A warning, not a refusal as at the client: a service's key is often its group's to read.
        Identity.tooOpen(configuration.identity().key()).ifPresent(reason -> Messages.warn(line, reason));
        return Foreground.run(
                Doormen.doorman(configuration, Doormen.identity(configuration, host), Doormen.trust(configuration)));
    }
}
