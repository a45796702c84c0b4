package io.openme.cli;

import io.openme.cli.config.Configuration;
import io.openme.cli.split.HelperFirewall;
import io.openme.cli.split.OwnFiles;
import io.openme.cli.split.Peer;
import io.openme.doorman.Doorman;
import io.openme.doorman.DoormanBuilder;
import io.openme.spi.Firewall;
import io.openme.spi.FirewallContext;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.tls.Identity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
            "SIGTERM and SIGINT (Ctrl-C) close every opening and end it with exit code 0. So does SIGHUP at a terminal and"
                    + " during a trial; otherwise it has the configuration's policy, certificates and revocation lists read"
                    + " anew, which happens by itself when one of these files changes.",
            "Before it guards the port of the SSH session that it is typed in, it asks, or wants --yes.",
            "With --split the process that faces the network runs without privileges, as the user of --user: whoever takes it"
                    + " over can open the services of the configuration, and nothing else. So it is with --helper, where a"
                    + " service manager starts both.",
            "With --trial nobody locks himself out for good: unless it is confirmed in time, everything of openme is removed"
                    + " from the firewall, also what an earlier run left there, and it ends with exit code 0; so it does when"
                    + " it is told to end before, or the terminal is lost. Enter at the terminal confirms; without a"
                    + " terminal, make the file of --confirm-file, in a directory where only you can."
        },
        footer = {
            "",
            "Examples:",
            "  openme serve -c /etc/openme/config.yaml",
            "  openme serve --dry-run",
            "  openme serve --split",
            "  openme serve --trial 10m",
            "  openme serve --trial 10m --confirm-file /run/openme/confirmed",
            "",
            "Exit codes: 0 told to end or trial over, 2 wrong usage or configuration, or it can't run here, 5 it can't go on:"
                    + " a thread has died or hangs; the guard stays, and it may be started again."
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
            names = "--trial",
            paramLabel = "DURATION",
            converter = Converters.Duration.class,
            description = "Take everything back after this time, such as 10m, unless it is confirmed.")
    private Optional<Duration> trial = Optional.empty();

    @Option(names = "--confirm-file", paramLabel = "FILE", description = "Making this file confirms the trial.")
    private Optional<Path> confirmFile = Optional.empty();

    @Mixin
    private SplitOptions split = new SplitOptions();

    @Mixin
    private Consent consent = new Consent();

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
        requireAWayToConfirm();
        split.check(trial.isPresent());
        Logging.service();
        CommandLine line = Program.line(spec);
        if (split.split()) {
            OwnFiles.require(options.file());
        }
        Configuration configuration = options.read(line);
        if (split.split()) {
            askBeforeGuardingTheSession(configuration);
            return new SplitServe(configuration, options.file(), Peer.named(split.user()))
                    .run(host.state(), again(), hangsUp());
        }
        // With a helper, this process is not the one that files belong to.
        TrustedFiles.warn(
                options.file(),
                configuration,
                Writers.of(System.getenv()),
                split.helper().isPresent(),
                reason -> Messages.warn(line, reason));
        Identity identity = Doormen.identity(configuration, host);
        if (trial.isEmpty()) {
            askBeforeGuardingTheSession(configuration);
        }
        Optional<Path> state = StateDirectories.ready(configuration, host.state(), text -> Messages.warn(line, text));
        try (Oversight oversight = Oversight.open(configuration.oversight())) {
            Doorman doorman = Doormen.doorman(
                    configuration,
                    new AdmissionFiles(options.file(), options::read, configuration, identity),
                    state,
                    builder -> {
                        oversight.listenTo(builder);
                        split.helper().ifPresent(socket -> askTheHelper(builder, socket, configuration));
                    });
            oversight.watch(doorman);
            return run(doorman, configuration, oversight);
        }
    }

    private static void askTheHelper(DoormanBuilder builder, Path socket, Configuration configuration) {
        FirewallContext context = configuration.context(OnClose.KEEP_GUARD);
        // Whatever is configured, the guard goes with the helper and not with this process.
        builder.firewall(new HelperFirewall(socket, context.serviceNames())).onClose(context.onClose());
    }

    /** What the process that faces the network is started with. */
    private List<String> again() {
        List<String> arguments = new ArrayList<>(Program.of(spec).logging());
        arguments.add("serve");
        arguments.addAll(options.again());
        return arguments;
    }

    private int run(Doorman doorman, Configuration configuration, Oversight oversight) {
        if (trial.isEmpty()) {
            return Foreground.run(doorman, Optional.empty(), oversight, hangsUp());
        }
        // Never installed, so closing it leaves the host as it is.
        try (Firewall remover = Doormen.firewall(configuration, OnClose.REMOVE)) {
            return Foreground.run(
                    doorman,
                    Optional.of(new Trial(
                            trial.get(),
                            confirmFile,
                            host.terminal(),
                            host.timer().get(),
                            remover)),
                    oversight,
                    hangsUp());
        }
    }

    /** At a terminal, SIGHUP says that it is gone; a daemon that has none is told by it to read its files anew. */
    private Foreground.OnHangUp hangsUp() {
        return host.terminal().isThere() || trial.isPresent() ? Foreground.OnHangUp.END : Foreground.OnHangUp.RELOAD;
    }

    private void askBeforeGuardingTheSession(Configuration configuration) {
        if (configuration
                .firewall()
                .backend()
                .filter(ConfigurationOptions.DRY_RUN::equals)
                .isPresent()) {
            return;
        }
        Optional<String> connection = host.sshConnection().get();
        connection
                .flatMap(c -> SshSession.guard(c, configuration.services()))
                .ifPresent(service -> consent.require(
                        host.terminal(),
                        "service " + service.name() + " guards "
                                + SshSession.port(connection.get()).orElseThrow()
                                + ", which this SSH session came in by: it goes on, but once it has ended the next one needs a"
                                + " knock",
                        "Try it with --trial 10m, see what it does with --dry-run"));
    }

    private void requireAWayToConfirm() {
        if (trial.isEmpty() && confirmFile.isPresent()) {
            throw new UsageException("--confirm-file confirms a trial, and there is none; add --trial 10m");
        }
        if (trial.isPresent() && confirmFile.isEmpty() && !host.terminal().isThere()) {
            throw new UsageException(
                    "there is no terminal to confirm the trial at; name a file that does, when it is made:"
                            + " --confirm-file FILE");
        }
        confirmFile.filter(Files::exists).ifPresent(file -> {
            throw new UsageException("the file " + file
                    + " is there already and would confirm the trial at once; remove it, or name another");
        });
    }
}
