package io.openme.cli;

import io.openme.cli.config.Configuration;
import io.openme.cli.split.FirewallHelper;
import io.openme.cli.split.NetworkProcess;
import io.openme.cli.split.OwnFiles;
import io.openme.cli.split.Peer;
import io.openme.cli.split.RunDirectory;
import io.openme.spi.FirewallContext.OnClose;
import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code openme serve --split}: this process changes the firewall, and one that it starts faces the network. */
final class SplitServe {
    private static final Logger LOG = LoggerFactory.getLogger(SplitServe.class);
    private static final Path RUN = Path.of("/run");
    private static final Duration LOOK = Duration.ofSeconds(5);

    private final Configuration configuration;
    private final Path file;
    private final Peer peer;

    SplitServe(Configuration configuration, Path file, Peer peer) {
        this.configuration = configuration;
        this.file = file;
        this.peer = peer;
    }

    /**
     * Serves until the process is told to end, or the one that faces the network has ended without that. What that one left
     * open stays open then for as long as it was to be, and the guard stays, whatever the configuration says: nobody else
     * but whoever ends this process has the guard removed.
     *
     * @param state where doormen remember
     * @param arguments what the other process is started with
     * @return its exit code; never {@link ExitCode#OK}
     */
    int run(Path state, List<String> arguments, Foreground.OnHangUp onHangUp) {
        requireThatNobodyElseEndsIt(configuration, System.getenv());
        prepareState(state);
        try (RunDirectory directory = RunDirectory.in(place());
                FirewallHelper helper = Doormen.helper(directory.socket(), peer, configuration)) {
            Thread thread = new Thread(helper::run, "openme-firewall-helper");
            thread.setDaemon(true);
            thread.start();
            List<String> all = new ArrayList<>(arguments);
            all.addAll(List.of("--helper", directory.socket().toString(), "--yes"));
            NetworkProcess process = NetworkProcess.start(peer, all, files(), state);
            if (onHangUp == Foreground.OnHangUp.RELOAD) {
                HangUp.handle(process::hangUp);
            }
            OnEnd.run(
                    () -> {
                        helper.wane();
                        process.end();
                        helper.end(configuration.firewall().onClose());
                        directory.remove();
                    },
                    () -> awaitEnd(process, helper));
            return exitCode(process);
        }
    }

    /** Ends it where this process hangs, which nobody else would notice: the service manager is told by the other one. */
    private static void awaitEnd(NetworkProcess process, FirewallHelper helper) {
        try {
            while (!process.await(LOOK)) {
                if (helper.life(FirewallHelper.PATIENCE).isEmpty()) {
                    LOG.error(
                            "The firewall was not looked after for {}: this program can't go on",
                            FirewallHelper.PATIENCE);
                    process.end();
                }
            }
        } catch (InterruptedException e) {
            process.end();
            Thread.currentThread().interrupt();
        }
    }

    private static int exitCode(NetworkProcess process) {
        int code = process.exitCode();
        LOG.error("The process that faces the network has ended, with exit code {}", code);
        // It has no say in whether all is well.
        return code == ExitCode.USAGE || code == ExitCode.FAILED ? code : ExitCode.BUG;
    }

    private List<Path> files() {
        List<Path> files = new ArrayList<>(List.of(
                file,
                configuration.identity().certificate(),
                configuration.identity().key()));
        configuration.identity().passphrase().ifPresent(files::add);
        files.add(configuration.clients().ca());
        configuration.clients().crl().ifPresent(files::add);
        return files;
    }

    /**
     * Refuses what would have the guard removed at the word of the process without privileges: a service manager that hears
     * all processes of a unit ({@code NotifyAccess=all}, which the doorman's messages take) believes any of them that it is
     * the main one, and ends the rest with it.
     *
     * @throws UsageException if that could be
     */
    static void requireThatNobodyElseEndsIt(Configuration configuration, Map<String, String> environment) {
        if (configuration.firewall().onClose() == OnClose.REMOVE
                && !environment.getOrDefault("NOTIFY_SOCKET", "").isEmpty()) {
            throw new UsageException(
                    "firewall.on-close: remove does not go with --split where a service manager is told how"
                            + " the doorman is (NOTIFY_SOCKET): a process without privileges that was taken over could have the"
                            + " service ended, and so the guard removed. Take the two units of dist/systemd/split, or a unit of"
                            + " Type=exec without NotifyAccess= and WatchdogSec=, or on-close: keep-guard");
        }
    }

    /** The usual place is root's to make, and the other process's to use. */
    private void prepareState(Path base) {
        Optional<Path> directory = StateDirectories.of(configuration, base).filter(each -> each.startsWith(base));
        if (directory.isEmpty()) {
            return;
        }
        try {
            if (!Files.exists(directory.get(), LinkOption.NOFOLLOW_LINKS)) {
                makeState(base, directory.get());
            }
            if (!Files.getOwner(directory.get(), LinkOption.NOFOLLOW_LINKS).equals(peer.principal())) {
                throw new UsageException("grants are remembered in " + directory.get() + ", which is not user "
                        + peer.name() + "'s; chown -R " + peer.name() + " " + directory.get());
            }
        } catch (IOException e) {
            throw new OpenmeException("the directory that grants are remembered in can't be made: " + e, e);
        }
    }

    /** Where the other user could put a link in the place of what is just made, root would give him what that leads to. */
    private void makeState(Path base, Path directory) throws IOException {
        if (!Files.exists(base)) {
            OwnFiles.require(existing(base));
            Files.createDirectories(base);
            // Whatever the umask is, the other user has to come through.
            Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        OwnFiles.require(base);
        Files.createDirectory(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        OwnFiles.give(directory, peer);
    }

    private static Path existing(Path path) {
        Path above = path.toAbsolutePath().getParent();
        return above == null || Files.exists(path) ? path : existing(above);
    }

    /** Where directories of root's are, or of anybody's. */
    private static Path place() {
        return Files.isWritable(RUN) ? RUN : Path.of(System.getProperty("java.io.tmpdir"));
    }
}
