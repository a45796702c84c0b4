package io.openme.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Whether a new key of a client or doorman is encrypted. */
final class KeyProtection {
    @ArgGroup
    private @Nullable Choice choice;

    /** How it is. */
    static final class Choice {
        @Option(
                names = "--key-passphrase-file",
                paramLabel = "FILE",
                required = true,
                description = "Encrypt the new key by the first line of FILE.")
        private Optional<Path> file = Optional.empty();

        @Option(
                names = "--encrypt-key",
                required = true,
                description = "Encrypt the new key by a passphrase that you are asked for.")
        private boolean asked;
    }

    boolean isGiven() {
        return choice != null;
    }

    /** Does something with the passphrase of the new key. */
    <T> T apply(Host host, String name, Passphrases.Opening<T> action) {
        return Passphrases.use(secret(host, name), action);
    }

    private char @Nullable [] secret(Host host, String name) {
        if (choice == null) {
            return null;
        }
        return choice.asked
                ? Passphrases.askForNew(host.terminal(), "the key of " + name, "give --key-passphrase-file FILE")
                : Passphrases.read(choice.file.orElseThrow());
    }
}
