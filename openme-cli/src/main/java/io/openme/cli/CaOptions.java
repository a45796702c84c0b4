package io.openme.cli;

import io.openme.pki.CaDirectory;
import io.openme.tls.CredentialException;
import io.openme.tls.CredentialException.Problem;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A CA that is there, and the passphrase of its key. */
final class CaOptions {
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
        try {
            return action.apply(open(host));
        } catch (IllegalArgumentException e) {
            throw new UsageException(e);
        }
    }

    private CaDirectory open(Host host) {
        if (passphrase.isEmpty()) {
            try {
                return CaDirectory.open(directory(), null, host.clock());
            } catch (CredentialException e) {
                if (e.problem() != Problem.PASSPHRASE_NEEDED) {
                    throw e;
                }
            }
        }
        char[] secret = passphrase
                .map(Passphrases::read)
                .orElseGet(() ->
                        Passphrases.ask(host.terminal(), "the CA in " + directory(), "give --passphrase-file FILE"));
        try {
            return CaDirectory.open(directory(), secret, host.clock());
        } finally {
            Arrays.fill(secret, '\0');
        }
    }
}
