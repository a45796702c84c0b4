package io.openme.cli;

import io.openme.cli.config.Configuration;
import io.openme.cli.split.FirewallHelper;
import io.openme.cli.split.OwnFiles;
import io.openme.cli.split.Peer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code openme firewall-helper}. */
@Command(
        name = "firewall-helper",
        header = "Changes the firewall for a doorman without privileges.",
        description = {
            "The one process that needs CAP_NET_ADMIN: it opens and closes the services of its own configuration, for no"
                    + " longer than that allows, as the doorman of openme serve --helper asks for over a Unix socket, and"
                    + " does nothing else for anybody.",
            "The configuration must be out of the doorman's reach: root's or this user's, as each directory above it, and"
                    + " writable by nobody else. So must the directory of the socket.",
            "SIGTERM and SIGINT close every opening, leave what firewall.on-close says, and end it with exit code 0. End the"
                    + " doorman before. Changes of the configuration count from the next start on."
        },
        footer = {
            "",
            "Example:",
            "  openme firewall-helper -c /etc/openme/config.yaml \\",
            "      --socket /run/openme-firewall/socket --peer openme",
            "",
            "Exit codes: 0 told to end, 2 wrong usage or configuration, or it can't run here."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class FirewallHelperCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Option(names = "--socket", paramLabel = "FILE", required = true, description = "Where to listen.")
    private Path socket = Path.of("");

    @Option(
            names = "--peer",
            paramLabel = "USER",
            defaultValue = SplitOptions.DEFAULT_USER,
            description = "Whose requests count; default: ${DEFAULT-VALUE}.")
    private String peer = SplitOptions.DEFAULT_USER;

    @Override
    public Integer call() {
        Logging.service();
        OwnFiles.require(options.file());
        Configuration configuration = options.read(Program.line(spec));
        FirewallHelper helper = Doormen.helper(socket, Peer.named(peer), configuration);
        try (ServiceManager manager = ServiceManager.of(System.getenv())) {
            manager.ready(() -> helper.life(FirewallHelper.PATIENCE));
            OnEnd.run(
                    () -> {
                        manager.stopping();
                        helper.end(configuration.firewall().onClose());
                    },
                    helper::run);
        }
        return ExitCode.OK;
    }
}
