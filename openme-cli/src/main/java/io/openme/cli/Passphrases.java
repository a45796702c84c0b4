package io.openme.cli;

import io.openme.tls.CredentialException;
import io.openme.tls.CredentialException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Gets passphrases from files and people. */
final class Passphrases {
    private static final int LONGEST = 1024;

    private Passphrases() {}

    /** The first line of a file. */
    static char[] read(Path file) {
        byte[] bytes = {};
        CharBuffer text = CharBuffer.allocate(0);
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(LONGEST + 1);
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            int end = 0;
            while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
                end++;
            }
            if (end == 0 || end > LONGEST) {
                throw new UsageException("the first line of the passphrase file " + file + " is "
                        + (end == 0 ? "empty" : "longer than " + LONGEST + " bytes") + "; write the passphrase there");
            }
            return Arrays.copyOfRange(text.array(), 0, end);
        } catch (CharacterCodingException e) {
            throw new UsageException("the passphrase file " + file + " is not text in UTF-8; check the path", e);
        } catch (IOException e) {
            throw new UsageException("can't read the passphrase file " + file + " (" + e + "); check the path", e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
            Arrays.fill(text.array(), '\0');
        }
    }

    /** What needs a passphrase, or does not. */
    interface Opening<T> {
        /** Does it; null says that there is none. */
        T with(char @Nullable [] passphrase);
    }

    /**
     * Opens something by the passphrase in a file. Without a file it is tried without a passphrase, and a person is asked
     * if that does not do.
     */
    static <T> T open(Terminal terminal, Optional<Path> file, String what, String instead, Opening<T> action) {
        if (file.isEmpty()) {
            try {
                return action.with(null);
            } catch (CredentialException e) {
                if (e.problem() != Problem.PASSPHRASE_NEEDED) {
                    throw e;
                }
            }
        }
        return use(file.map(Passphrases::read).orElseGet(() -> ask(terminal, what, instead)), action);
    }

    /** Does something with a passphrase and erases it. */
    static <T> T use(char @Nullable [] secret, Opening<T> action) {
        try {
            return action.with(secret);
        } finally {
            if (secret != null) {
                Arrays.fill(secret, '\0');
            }
        }
    }

    /** Asks a person for the passphrase of something that exists. */
    static char[] ask(Terminal terminal, String what, String instead) {
        return terminal.askSecret("Passphrase of " + what)
                .filter(answer -> answer.length > 0)
                .orElseThrow(() -> new UsageException(
                        "the passphrase of " + what + " is needed, and nobody answers at a terminal; " + instead));
    }

    /** Asks a person for a new passphrase, twice. */
    static char[] askForNew(Terminal terminal, String what, String instead) {
        char[] first = ask(terminal, what, instead);
        char[] second = ask(terminal, what + " (again)", instead);
        boolean same = Arrays.equals(first, second);
        Arrays.fill(second, '\0');
        if (!same) {
            Arrays.fill(first, '\0');
            throw new UsageException("the two passphrases are not the same; try again");
        }
        return first;
    }
}
