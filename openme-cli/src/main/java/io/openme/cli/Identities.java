package io.openme.cli;

import io.openme.tls.Identity;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Reads identities whose keys may want a passphrase. */
final class Identities {
    private final Terminal terminal;

    Identities(Terminal terminal) {
        this.terminal = terminal;
    }

    /** A certificate and its key in PEM. */
    Identity pem(Path certificate, Path key, Optional<Path> passphraseFile, String instead) {
        return Passphrases.open(
                terminal, passphraseFile, key.toString(), instead, secret -> Identity.ofPem(certificate, key, secret));
    }

    /** A PKCS#12 store, which always has a passphrase. */
    Identity pkcs12(Path store, Optional<Path> passphraseFile, String instead) {
        char[] secret = passphraseFile
                .map(Passphrases::read)
                .orElseGet(() -> Passphrases.ask(terminal, store.toString(), instead));
        try {
            return Identity.ofPkcs12(store, secret);
        } finally {
            Arrays.fill(secret, '\0');
        }
    }
}
