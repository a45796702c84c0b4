package io.openme.doorman;

import io.openme.tls.Peer;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * A client that has proved who it is.
 *
 * <p>Two are equal when their certificates are: a name is a label for people, and a CA may give it twice.
 */
public final class Client {
    private final Peer peer;

    private Client(Peer peer) {
        this.peer = peer;
    }

    /** The client that a {@link io.openme.tls.Trust} has verified; the caller knows that it has the key. */
    public static Client of(Peer peer) {
        return new Client(peer);
    }

    /**
     * The client that holds this certificate. The caller has verified it - its path to a CA, dates, purpose, revocation -
     * and that the client has its key.
     */
    public static Client of(X509Certificate certificate) {
        return of(List.of(certificate));
    }

    /**
     * The client that showed these certificates: its own first, then those of the CAs between it and one that is trusted.
     * The caller has verified them.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Client of(List<X509Certificate> chain) {
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("a client is known by its certificate, and there is none");
        }
        // Until when those above are good is not known before it is known which of them vouch for it.
        return new Client(Peer.of(chain, chain.get(0).getNotAfter().toInstant()));
    }

    /** The SHA-256 digest of the certificate: 64 lower-case hexadecimal digits. This is who the client is. */
    public String fingerprint() {
        return peer.fingerprint();
    }

    /** A label for people and logs: see {@link Peer#name()}. */
    public String name() {
        return peer.name();
    }

    /** The verified certificate. What it holds is not safe to log. */
    public X509Certificate certificate() {
        return peer.certificate();
    }

    /** The verified certificate, and those of the CAs between it and one that is trusted. */
    public List<X509Certificate> chain() {
        return peer.chain();
    }

    /** Until when the certificate, and all that vouches for it, is good; what is granted ends by then. */
    public Instant end() {
        return peer.end();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Client client && fingerprint().equals(client.fingerprint());
    }

    @Override
    public int hashCode() {
        return fingerprint().hashCode();
    }

    /** {@code alice (3f2a90c41b77de01)}. */
    @Override
    public String toString() {
        return peer.toString();
    }
}
