package io.openme.internal.tls;

import io.openme.tls.Identity;
import io.openme.tls.Peer;
import io.openme.tls.Pin;
import io.openme.tls.Purpose;
import io.openme.tls.Trust;
import io.openme.tls.UntrustedException;
import io.openme.tls.UntrustedException.Reason;
import java.io.IOException;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * The knocker's end of TLS, for one doorman. Immutable, and safe for any thread.
 *
 * <p>A refused server shows as an {@code SSLHandshakeException} with an {@link UntrustedException} among its causes. In
 * TLS 1.3 the handshake succeeds before the server has looked at our certificate: only its answer says more.
 */
public final class ClientTls {
    /** The protocol that says everything. */
    public static final String OPENME_2 = "openme/2";
    /** The written protocol. */
    public static final String OPENME_1 = "openme/1";

    private final Identity identity;
    private final PeerCheck check;
    private final ServerName expected;
    private final Set<Pin> pins;
    private final boolean allowTls12;

    /**
     * A client that shows this identity, and believes only a server of this trust whose certificate has this name.
     *
     * @param pins if there are any, the server's key must be one of them, and the names in its certificate do not matter;
     *     everything else that the trust asks for does
     * @param allowTls12 whether a server that knows no TLS 1.3 is good enough
     */
    public ClientTls(
            Identity identity, Trust trust, Clock clock, ServerName expected, Set<Pin> pins, boolean allowTls12) {
        this.expected = expected;
        this.pins = Set.copyOf(pins);
        this.allowTls12 = allowTls12;
        this.identity = identity;
        this.check = new PeerCheck(chain -> verify(trust, chain, clock));
    }

    /**
     * A socket on this connection, before its handshake: in client mode, with the protocol versions and the server name to
     * ask for. Its certificate is checked whatever the server offers: the context is this socket's own, so there is no
     * session of an earlier one to resume, nor of one that is made at the same time.
     *
     * @param autoClose whether to close the connection with the socket
     */
    public SSLSocket over(Socket connection, String host, int port, boolean autoClose) throws IOException {
        SSLContext context = Jsse.context(identity, check);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(connection, host, port, autoClose);
        socket.setUseClientMode(true);
        SSLParameters parameters = Jsse.parameters(context, allowTls12);
        parameters.setApplicationProtocols(new String[] {OPENME_2, OPENME_1});
        // The name is checked by us, with an error that helps; JSSE would take it from the socket, which may not know.
        expected.forIndication().ifPresent(name -> parameters.setServerNames(List.of(name)));
        socket.setSSLParameters(parameters);
        return socket;
    }

    /** Whether a server may refuse our certificate within the handshake, as only TLS 1.2 lets it. */
    public boolean allowsTls12() {
        return allowTls12;
    }

    private Peer verify(Trust trust, List<X509Certificate> chain, Clock clock) throws UntrustedException {
        Peer peer = trust.verify(chain, Purpose.SERVER, clock.instant());
        if (pins.isEmpty()) {
            expected.verify(peer);
        } else {
            verifyPin(Pin.of(peer.certificate()));
        }
        return peer;
    }

    private void verifyPin(Pin actual) throws UntrustedException {
        if (!pins.contains(actual)) {
            throw new UntrustedException(
                    Reason.WRONG_NAME,
                    "the server's key has the pin " + actual + ", not "
                            + pins.stream().map(Pin::toString).sorted().collect(Collectors.joining(" or "))
                            + ". If the server has a new key, compare with what openme pin CERTIFICATE prints there");
        }
    }
}
