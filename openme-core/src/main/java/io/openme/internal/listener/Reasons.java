package io.openme.internal.listener;

import java.security.cert.CertificateException;
import java.util.Objects;

/** Puts into words why a handshake failed, with nothing of the peer in it that a log could not bear. */
final class Reasons {
    private static final int LONGEST = 200;
    private static final int DEEPEST_CAUSE = 10;

    private Reasons() {}

    /** The words of the trust manager if it refused the certificate, else those of the TLS implementation. */
    static String of(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++, cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return clean("certificate refused: " + words(cause));
            }
        }
        return clean("TLS handshake failed: " + words(failure));
    }

    private static String words(Throwable failure) {
        return Objects.requireNonNullElse(
                failure.getMessage(), failure.getClass().getSimpleName());
    }

    private static String clean(String text) {
        String bounded = text.substring(0, Math.min(LONGEST, text.length()));
        return bounded.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
