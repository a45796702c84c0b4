package io.openme.tls;

import io.openme.spi.OpenmeException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A file with a key, a certificate or a revocation list of ours can't be used. */
public class CredentialException extends OpenmeException {
    private static final long serialVersionUID = 1L;

    private final Problem problem;

    /** What is wrong; each stands for something that the caller does differently. */
    public enum Problem {
        /** The file is not there, or may not be read. */
        UNREADABLE,
        /** The key is encrypted and no passphrase was given: ask for one. */
        PASSPHRASE_NEEDED,
        /** The passphrase does not open it: ask again. */
        PASSPHRASE_WRONG,
        /** The file holds something else than is needed, or is damaged. */
        UNUSABLE,
        /** The key and the certificate, or the revocation list and the CA, do not belong together. */
        MISMATCH
    }

    /** A failure of this kind. */
    public CredentialException(Problem problem, String message) {
        this(problem, message, null);
    }

    /** A failure of this kind, with its cause. */
    public CredentialException(Problem problem, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.problem = Objects.requireNonNull(problem, "problem");
    }

    /** What is wrong. */
    public Problem problem() {
        return problem;
    }
}
