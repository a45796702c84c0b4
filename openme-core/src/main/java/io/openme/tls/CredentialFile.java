package io.openme.tls;

import io.openme.tls.CredentialException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a file of ours whole, within a bound, with errors that name it. */
final class CredentialFile {
    /** Far more than any key, certificate or bundle of CAs; a wrong path must not fill the memory. */
    static final int LARGEST = 1 << 20;

    private CredentialFile() {}

    static byte[] read(Path file, String what, int largest) {
        byte[] content;
        try (InputStream in = Files.newInputStream(file)) {
            content = in.readNBytes(largest + 1);
        } catch (NoSuchFileException e) {
            throw new CredentialException(
                    Problem.UNREADABLE, "there is no file " + file + " to read " + what + " from; check the path", e);
        } catch (IOException e) {
            throw new CredentialException(
                    Problem.UNREADABLE,
                    "can't read " + what + " from " + file + " (" + e
                            + "); check that it is a file and its permissions",
                    e);
        }
        if (content.length > largest) {
            throw unusable(file, "is larger than " + (largest >> 20) + " MiB, so it is not " + what, "check the path");
        }
        if (content.length == 0) {
            throw unusable(file, "is empty; " + what + " was expected", "make or copy it again");
        }
        return content;
    }

    /** {@code FILE is this and that; do so}. */
    static CredentialException unusable(Path file, String finding, String wayOut) {
        return new CredentialException(Problem.UNUSABLE, file + " " + finding + "; " + wayOut);
    }

    static CredentialException damaged(Path file, String what, Exception cause) {
        String detail =
                cause.getMessage() == null ? cause.getClass().getSimpleName() : Peer.printable(cause.getMessage());
        return new CredentialException(
                Problem.UNUSABLE,
                what + " in " + file + " is damaged or of an unknown kind (" + detail + "); make or copy it again",
                cause);
    }
}
