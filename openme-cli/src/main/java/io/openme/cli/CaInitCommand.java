package io.openme.cli;

import io.openme.pki.CaDirectory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code openme ca init}. */
@Command(
        name = "init",
        header = "Makes a new CA.",
        description =
                "Its key is encrypted by a passphrase, which you are asked for, unless one of the options is given.",
        footer = {"", "Examples:", "  openme ca init", "  openme ca init --dir /root/pki --name \"Example CA\""},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class CaInitCommand implements Callable<Integer> {
    private final Host host;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private CaDirectoryOption place = new CaDirectoryOption();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = "openme CA",
            description = "What people call it; default: ${DEFAULT-VALUE}.")
    private String name = "";

    @ArgGroup
    private @Nullable Protection protection;

    /** How the key is kept. */
    static final class Protection {
        @Option(
                names = "--passphrase-file",
                paramLabel = "FILE",
                required = true,
                description = "Encrypt the key by the first line of FILE.")
        private Optional<Path> passphrase = Optional.empty();

        @Option(
                names = "--no-passphrase",
                required = true,
                description = "Leave the key unencrypted: whoever reads it can let anybody in.")
        private boolean none;
    }

    CaInitCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        char @Nullable [] secret = secret();
        try {
            CaDirectory ca = CaDirectory.create(place.directory(), name, secret, host.clock());
            Program.line(spec)
                    .getOut()
                    .println("Made a CA in " + place.directory() + ", good until "
                            + ca.authority().certificate().getNotAfter().toInstant()
                            + (secret == null ? "; its key is NOT encrypted" : "; its key is encrypted")
                            + ". Next: openme ca server NAME, openme ca client NAME");
            return ExitCode.OK;
        } catch (IllegalArgumentException e) {
            throw new UsageException(e);
        } finally {
            if (secret != null) {
                Arrays.fill(secret, '\0');
            }
        }
    }

    private char @Nullable [] secret() {
        if (protection == null) {
            return Passphrases.askForNew(
                    host.terminal(), "the new CA", "give --passphrase-file FILE, or --no-passphrase");
        }
        return protection.none ? null : Passphrases.read(protection.passphrase.orElseThrow());
    }
}
