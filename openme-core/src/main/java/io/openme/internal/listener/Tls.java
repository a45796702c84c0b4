package io.openme.internal.listener;

import java.nio.ByteBuffer;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** The server's end of one TLS connection: records in, records out, no socket. Not thread-safe. */
final class Tls {
    private static final int HEADER = 5;
    private static final int ALERT = 21;
    private static final int APPLICATION_DATA = 23;

    /** The records of one alert or close: more would be a loop. */
    private static final int MOST_LAST_RECORDS = 4;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SSLEngine engine;
    private boolean finished;
    private boolean ended;

    Tls(SSLEngine engine) throws SSLException {
        this.engine = engine;
        engine.beginHandshake();
    }

    /** The length of the record that begins at the buffer's position with its header, 0 if that is not there yet. */
    static int recordLength(ByteBuffer in) {
        return in.remaining() < HEADER ? 0 : HEADER + (in.getShort(in.position() + 3) & 0xffff);
    }

    /** Whether the handshake is over: the peer has proved that the certificate is its own, and it was accepted. */
    boolean finished() {
        return finished;
    }

    /** Whether the peer will send nothing more. */
    boolean ended() {
        return ended;
    }

    /**
     * Takes one complete record, and puts what is to be sent for it into {@code scratch.out}.
     *
     * @return the application data in it, often none; valid until the next call
     * @throws SSLException if the peer broke the protocol or its certificate was refused; {@link #alert} tells it so
     */
    ByteBuffer receive(ByteBuffer record, Scratch scratch) throws SSLException {
        ByteBuffer app = scratch.app.clear();
        if (finished && isBeforeTls13() && !isPlain(record)) {
            return app.flip();
        }
        SSLEngineResult result = engine.unwrap(record, app);
        if (result.getStatus() == Status.BUFFER_OVERFLOW || result.getStatus() == Status.BUFFER_UNDERFLOW) {
            throw new SSLException("a record has a bad length");
        }
        if (app.position() > 0 && !finished) {
            throw new SSLException("application data before the end of the handshake");
        }
        note(result);
        advance(scratch);
        ended |= engine.isInboundDone();
        return app.flip();
    }

    /**
     * In TLS 1.2 an engine that has read the peer's close can't answer any more, so an alert, whichever it is, counts as
     * the end without being unwrapped; and a record of the handshake would begin a second one, which nobody needs.
     */
    private boolean isPlain(ByteBuffer record) throws SSLException {
        int type = record.get(record.position());
        if (type == ALERT) {
            ended = true;
        } else if (type != APPLICATION_DATA) {
            throw new SSLException("renegotiation is not offered");
        }
        return !ended;
    }

    private boolean isBeforeTls13() {
        return !engine.getSession().getProtocol().equals("TLSv1.3");
    }

    /** The application protocol that was agreed on; empty if the peer offered none. */
    String protocol() {
        return engine.getApplicationProtocol();
    }

    /** The certificate that the peer has proved to be its own, and those of CAs that it sent with it. */
    List<X509Certificate> peer() throws SSLPeerUnverifiedException {
        Certificate[] chain = engine.getSession().getPeerCertificates();
        // A session that is resumed is one whose certificate nobody looked at again.
        engine.getSession().invalidate();
        if (finished && chain instanceof X509Certificate[] certificates) {
            return List.of(certificates);
        }
        throw new SSLPeerUnverifiedException("the peer showed no X.509 certificate");
    }

    /** Encrypts this into {@code scratch.out}. */
    void send(ByteBuffer data, Scratch scratch) throws SSLException {
        while (data.hasRemaining()) {
            wrap(data, scratch);
        }
    }

    /** Says into {@code scratch.out} that we will send nothing more. */
    void close(Scratch scratch) throws SSLException {
        engine.closeOutbound();
        for (int i = 0; i < MOST_LAST_RECORDS && !engine.isOutboundDone(); i++) {
            wrap(NOTHING, scratch);
        }
    }

    /** Says into {@code scratch.out} what went wrong, after an exception. */
    void alert(Scratch scratch) {
        for (int i = 0; i < MOST_LAST_RECORDS && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP; i++) {
            try {
                wrap(NOTHING, scratch);
            } catch (SSLException e) {
                // The engine may say once more what was wrong before it gives the alert.
            }
        }
    }

    private void advance(Scratch scratch) throws SSLException {
        for (HandshakeStatus status = engine.getHandshakeStatus(); ; status = engine.getHandshakeStatus()) {
            if (status == HandshakeStatus.NEED_TASK) {
                for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                    task.run();
                }
            } else if (status == HandshakeStatus.NEED_WRAP && !engine.isOutboundDone()) {
                wrap(NOTHING, scratch);
            } else {
                return;
            }
        }
    }

    private void wrap(ByteBuffer data, Scratch scratch) throws SSLException {
        SSLEngineResult result = engine.wrap(data, scratch.out);
        if (result.getStatus() == Status.BUFFER_OVERFLOW) {
            throw new SSLException("there is too much to send at once");
        }
        if (result.getStatus() == Status.CLOSED && data.hasRemaining()) {
            throw new SSLException("the connection was closed before the answer");
        }
        note(result);
    }

    private void note(SSLEngineResult result) {
        finished |= result.getHandshakeStatus() == HandshakeStatus.FINISHED;
    }
}
