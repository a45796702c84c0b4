package io.openme.knocker;

import io.openme.internal.text.Printable;
import io.openme.knocker.KnockResult.Status;
import io.openme.protocol.IpLiteral;
import io.openme.tls.UntrustedException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;

/** Says what it means that talking to a server failed. */
final class Failures {
    private static final int LONGEST = 300;
    /** Alerts of RFC 8446, 6.2, by which a server says that it does not accept the client's certificate. */
    private static final Set<String> REFUSALS = Set.of(
            "bad_certificate",
            "unsupported_certificate",
            "certificate_revoked",
            "certificate_expired",
            "certificate_unknown",
            "certificate_required",
            "unknown_ca",
            "access_denied",
            "decrypt_error",
            "handshake_failure");

    private Failures() {}

    /** After the handshake. */
    static KnockFailure of(IOException e, InetSocketAddress server, Duration timeout) {
        return of(e, server, timeout, true);
    }

    /**
     * @param judged whether the server may have looked at the client's certificate, so that an alert may be about that. In
     *     TLS 1.3 that is after the client's handshake; before it, anybody on the way can send one
     */
    static KnockFailure of(IOException e, InetSocketAddress server, Duration timeout, boolean judged) {
        if (e instanceof SocketTimeoutException) {
            return new KnockFailure(
                    Status.TIMED_OUT,
                    "no answer from " + text(server) + " within " + timeout.toMillis() + " ms",
                    server);
        }
        Optional<String> disbelief = disbelief(e);
        if (disbelief.isPresent()) {
            return new KnockFailure(
                    Status.WRONG_SERVER,
                    "the server at " + text(server) + " is not believed: " + disbelief.get(),
                    server);
        }
        String said = Printable.of(String.valueOf(e.getMessage()), LONGEST);
        if (judged
                && e instanceof SSLException
                && REFUSALS.stream().anyMatch(alert -> said.contains("Received fatal alert: " + alert))) {
            return new KnockFailure(
                    Status.NOT_AUTHENTICATED,
                    "the server at " + text(server) + " does not accept this client's certificate (" + said
                            + "); is it of the server's CA, for clients, and not expired or revoked?",
                    server);
        }
        if (e instanceof SSLException && !ended(said)) {
            return noDoorman(server, said);
        }
        return new KnockFailure(
                Status.UNREACHABLE,
                "the server at " + text(server) + " ended the connection without an answer (" + said
                        + "); it may be overloaded, or not accept this client's certificate",
                server);
    }

    /** Only our own words are safe as they are: the JDK's quote the certificate that it could not read. */
    private static Optional<String> disbelief(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                String said = String.valueOf(cause.getMessage());
                return Optional.of(cause instanceof UntrustedException ? said : Printable.of(said, LONGEST));
            }
        }
        return Optional.empty();
    }

    /** It ended the connection in good order, and said nothing. */
    static KnockFailure silent(InetSocketAddress server) {
        return new KnockFailure(
                Status.UNREACHABLE,
                "the server at " + text(server) + " ended the connection without an answer; what was asked for may"
                        + " have happened all the same",
                server);
    }

    static KnockFailure noDoorman(InetSocketAddress server, String why) {
        return new KnockFailure(
                Status.WRONG_SERVER, "what answers at " + text(server) + " is no doorman: " + why, server);
    }

    static String text(InetSocketAddress address) {
        return IpLiteral.format(address.getAddress()) + " port " + address.getPort();
    }

    /** Whether this is how the JDK says that the connection is gone, wrapped as a fault of TLS. */
    private static boolean ended(String said) {
        return said.contains("Remote host terminated")
                || said.contains("Connection reset")
                || said.contains("Broken pipe")
                || said.contains("closed");
    }
}
