package io.openme.internal.tls;

import io.openme.tls.Peer;
import io.openme.tls.UntrustedException;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Asks one question of the peer's certificates, whatever role JSSE thinks the peer has; a context is only ever used for
 * one role. An extended trust manager is taken as it is; JSSE would wrap another kind and add checks of its own.
 */
final class PeerCheck extends X509ExtendedTrustManager {
    private static final X509Certificate[] NONE = {};
    private static final int LONGER_THAN_A_TICKET_LIVES = 604_801;

    private static final String VERIFIED = PeerCheck.class.getName();

    private final Question question;

    /** Decides about a chain. */
    @FunctionalInterface
    interface Question {
        Peer verify(List<X509Certificate> chain) throws UntrustedException;
    }

    PeerCheck(Question question) {
        this.question = question;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) throws UntrustedException {
        question.verify(List.of(chain));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) throws UntrustedException {
        question.verify(List.of(chain));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws UntrustedException {
        SSLSession handshake = engine.getHandshakeSession();
        handshake.putValue(VERIFIED, question.verify(List.of(chain)));
        withhold13Ticket(handshake);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws UntrustedException {
        question.verify(List.of(chain));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws UntrustedException {
        question.verify(List.of(chain));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws UntrustedException {
        question.verify(List.of(chain));
    }

    /** The client that was found good in the handshake of this session. */
    static Optional<Peer> verifiedIn(SSLSession session) {
        return Optional.ofNullable((Peer) session.getValue(VERIFIED));
    }

    /** None: the names of the CAs would tell a scanner whose door this is. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return NONE.clone();
    }

    /**
     * JSSE sends no ticket in TLS 1.3 if it would live longer than allowed. That can't be set before it is known that this
     * is no TLS 1.2: there, JSSE has promised a ticket by now, and the client waits for it.
     */
    private static void withhold13Ticket(SSLSession handshake) {
        if (handshake.getProtocol().equals("TLSv1.3")) {
            handshake.getSessionContext().setSessionTimeout(LONGER_THAN_A_TICKET_LIVES);
        }
    }
}
