package io.openme.internal.listener;

import io.openme.internal.tls.ServerTls;
import io.openme.tls.Peer;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

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

    /** The one that has proved to be who its certificate says. */
    Peer peer() throws SSLPeerUnverifiedException {
        SSLSession session = engine.getSession();
        Peer peer = ServerTls.verifiedIn(session);
        // A session that is resumed is one whose certificate nobody looked at again.
        session.invalidate();
        if (!finished) {
            throw new SSLPeerUnverifiedException("the peer has not proved yet that it has its key");
        }
        return peer;
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
                    run(task);
                }
            } else if (status == HandshakeStatus.NEED_WRAP && !engine.isOutboundDone()) {
                wrap(NOTHING, scratch);
            } else {
                return;
            }
        }
    }

    private static void run(Runnable task) throws SSLException {
        try {
            task.run();
        } catch (StackOverflowError e) {
            // JDK 17 follows a certificate as deep as it is nested: that is the peer's fault, not ours.
            throw new SSLException("a message is nested too deeply", e);
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
