package io.openme.cli;

import io.openme.tls.CredentialException;
import io.openme.tls.CredentialException.Problem;
import io.openme.tls.Identity;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/** Reads identities whose keys may want a passphrase. */
final class Identities {
    private final Terminal terminal;

    Identities(Terminal terminal) {
        this.terminal = terminal;
    }

    /** A certificate and its key in PEM. */
    Identity pem(Path certificate, Path key, Optional<Path> passphraseFile, String instead) {
        if (passphraseFile.isEmpty()) {
            try {
                return Identity.ofPem(certificate, key);
            } catch (CredentialException e) {
                if (e.problem() != Problem.PASSPHRASE_NEEDED) {
                    throw e;
                }
            }
        }
        return with(passphraseFile, key, instead, secret -> Identity.ofPem(certificate, key, secret));
    }

    /** A PKCS#12 store, which always has a passphrase. */
    Identity pkcs12(Path store, Optional<Path> passphraseFile, String instead) {
        return with(passphraseFile, store, instead, secret -> Identity.ofPkcs12(store, secret));
    }

    private Identity with(Optional<Path> file, Path what, String instead, Function<char[], Identity> use) {
        char[] secret =
                file.map(Passphrases::read).orElseGet(() -> Passphrases.ask(terminal, what.toString(), instead));
        try {
            return use.apply(secret);
        } finally {
            Arrays.fill(secret, '\0');
        }
    }
}
