package io.openme.cli;

import io.openme.pki.CaDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A CA that is there, and the passphrase of its key. */
final class CaOptions {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Mixin
    private CaDirectoryOption place = new CaDirectoryOption();

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "Its first line opens the CA's key. Without it you are asked, if one is needed.")
    private Optional<Path> passphrase = Optional.empty();

    Path directory() {
        return place.directory();
    }

    /** Does something with the CA; a name of another form is wrong usage. */
    <T> T use(Host host, Function<CaDirectory, T> action) {
        warnOfOthers();
        try {
            return action.apply(open(host, directory(), secret -> CaDirectory.open(directory(), secret, host.clock())));
        } catch (IllegalArgumentException e) {
            throw new UsageException(e);
        }
    }

    /** Whoever can write there issues certificates, or takes revocations back. */
    private void warnOfOthers() {
        List<Path> believed = new ArrayList<>(List.of(directory()));
        passphrase.ifPresent(believed::add);
        TrustedFiles.warn(believed, Writers.of(System.getenv()), reason -> Messages.warn(Program.line(spec), reason));
    }

    /** Opens the key of a CA, which may be another than that of the directory. */
    CaDirectory open(Host host, Path what, Passphrases.Opening<CaDirectory> action) {
        return Passphrases.open(
                host.terminal(), passphrase, "the CA in " + what, "give --passphrase-file FILE", action);
    }
}
