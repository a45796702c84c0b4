package io.openme.tls;

import java.security.cert.CertificateException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A peer's certificate is not good. It is checked, and a {@link CertificateException}, because it passes through the
 * trust managers of JSSE; there it is a cause of the {@code SSLHandshakeException}.
 *
 * <p>The message is for the owner of this side, and safe to log. The peer is not told.
 */
public class UntrustedException extends CertificateException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** Why a certificate is refused. */
    public enum Reason {
        /** It, or a CA above it, is past its end. */
        EXPIRED,
        /** It, or a CA above it, is not valid yet; or our clock is behind. */
        NOT_YET_VALID,
        /** None of our CAs vouches for it. */
        UNKNOWN_CA,
        /** It was not issued to do this: the extended key usage is missing or another one, or it is a CA's own. */
        WRONG_PURPOSE,
        /** It belongs to another server than the expected one. */
        WRONG_NAME,
        /** It, or a CA above it, is on the revocation list. */
        REVOKED,
        /** The revocation list is past its next update, so nobody's certificate is known to be good. */
        CRL_STALE,
        /** Revocation lists are in use, and there is none of the CA that issued it. */
        CRL_MISSING,
        /** Its key or a signature above it is of a kind that can be forged. */
        WEAK,
        /** There is no certificate, there are too many, or they break the rules of X.509. */
        MALFORMED
    }

    /** A refusal for this reason. */
    public UntrustedException(Reason reason, String message) {
        this(reason, message, null);
    }

    /** A refusal for this reason, with its cause. */
    public UntrustedException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    /** The refusal that a failed handshake came from, if it was one of ours: JSSE wraps it. */
    public static Optional<UntrustedException> causeOf(Throwable failure) {
        Throwable each = failure;
        while (each != null) {
            if (each instanceof UntrustedException found) {
                return Optional.of(found);
            }
            each = each.getCause();
        }
        return Optional.empty();
    }

    /** Why the certificate is refused. */
    public Reason reason() {
        return reason;
    }
}
