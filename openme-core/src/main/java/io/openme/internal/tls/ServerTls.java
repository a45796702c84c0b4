package io.openme.internal.tls;

import io.openme.tls.Identity;
import io.openme.tls.Peer;
import io.openme.tls.Purpose;
import io.openme.tls.Trust;
import io.openme.tls.UntrustedException;
import io.openme.tls.UntrustedException.Reason;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The doorman's end of TLS: makes an engine for each connection. Immutable; a reload makes a new one. Safe for any
 * thread.
 */
public final class ServerTls {
    /** The written protocol. A client may as well name none. */
    public static final String ALPN = "openme/1";

    /** The protocol with lines and reasons, which a client has to ask for. */
    public static final String ALPN_2 = "openme/2";

    private final Identity identity;
    private final Trust trust;
    private final Clock clock;
    private final boolean allowTls12;
    private final PeerCheck check;
    private final SSLContext shared;

    /**
     * A server that shows this identity and lets in whom this trust believes to be a client.
     *
     * @param allowTls12 whether clients that know no TLS 1.3 are served, too
     */
    public ServerTls(Identity identity, Trust trust, Clock clock, boolean allowTls12) {
        this.identity = identity;
        this.trust = trust;
        this.clock = clock;
        this.allowTls12 = allowTls12;
        this.check = new PeerCheck(this::verify);
        this.shared = Jsse.context(identity, check);
    }

    /**
     * A new engine in server mode that demands a certificate of the client. A client that offers application protocols,
     * but neither {@value #ALPN} nor {@value #ALPN_2}, is refused; one that offers both gets the latter.
     *
     * <p>Nothing is resumed, for a resumed handshake asks for no certificate: in TLS 1.3 there are no tickets, and where TLS
     * 1.2 is allowed each engine has a context of its own, with session cache and ticket keys that nobody else has.
     *
     * <p>In TLS 1.2 a client may ask for another handshake later: an engine that wants to handshake after it has done so
     * belongs to a connection that should be closed.
     */
    public SSLEngine newServerEngine() {
        SSLContext context = allowTls12 ? Jsse.context(identity, check) : shared;
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = Jsse.parameters(context, allowTls12);
        parameters.setUseCipherSuitesOrder(true);
        parameters.setNeedClientAuth(true);
        engine.setSSLParameters(parameters);
        engine.setHandshakeApplicationProtocolSelector((ignored, offered) -> select(offered));
        return engine;
    }

    /**
     * The client at the other end of an engine whose handshake is done. Its certificates are checked again, so that this
     * holds for any connection, however it came to be.
     *
     * @throws UntrustedException if it is none to let in
     */
    public Peer peer(SSLEngine engine) throws UntrustedException {
        try {
            return verify(Arrays.stream(engine.getSession().getPeerCertificates())
                    .map(X509Certificate.class::cast)
                    .toList());
        } catch (SSLPeerUnverifiedException e) {
            throw new UntrustedException(Reason.MALFORMED, "the client showed no certificate", e);
        }
    }

    /**
     * The client that the handshake of this session, with an engine of any doorman, found good.
     *
     * @throws SSLPeerUnverifiedException if there was none
     */
    public static Peer verifiedIn(SSLSession session) throws SSLPeerUnverifiedException {
        return PeerCheck.verifiedIn(session)
                .orElseThrow(() -> new SSLPeerUnverifiedException("the peer's certificate was not verified"));
    }

    private Peer verify(List<X509Certificate> chain) throws UntrustedException {
        return trust.verify(chain, Purpose.CLIENT, clock.instant());
    }

    /** Null makes JSSE answer {@code no_application_protocol}. */
    private static @Nullable String select(List<String> offered) {
        return offered.contains(ALPN_2) ? ALPN_2 : offered.contains(ALPN) ? ALPN : null;
    }
}
