package io.openme.benchmarks.attack;

import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLParameters;

/** A hostile connection that has a real TLS handshake first. */
abstract class TlsBehaviour implements Behaviour {
    private static final int RECORD = 40 * 1024;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    // One thread has all of them.
    private static final ByteBuffer OUT = ByteBuffer.allocate(RECORD);
    private static final ByteBuffer APP = ByteBuffer.allocate(RECORD);

    private final SSLEngine engine;
    private ByteBuffer left = NOTHING;
    private boolean established;

    /** With this key; {@code protocol} is the version of TLS, and {@code alpn} that of what is spoken in it. */
    TlsBehaviour(SSLContext context, String protocol, String alpn) {
        engine = context.createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[] {protocol});
        parameters.setApplicationProtocols(new String[] {alpn});
        engine.setSSLParameters(parameters);
    }

    /** The handshake is done as far as this side can tell. */
    abstract void established(Line line) throws IOException;

    /** The doorman said this. */
    void said(Line line, ByteBuffer data) throws IOException {}

    @Override
    public final void connected(Line line) throws IOException {
        engine.beginHandshake();
        advance(line);
    }

    @Override
    public final void received(Line line, ByteBuffer bytes) throws IOException {
        ByteBuffer in = join(left, bytes);
        while (in.hasRemaining()) {
            SSLEngineResult result = engine.unwrap(in, APP.clear());
            if (result.getStatus() == Status.CLOSED) {
                line.close();
                return;
            }
            APP.flip();
            if (APP.hasRemaining()) {
                said(line, APP);
            }
            advance(line);
            if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
                break;
            }
        }
        left = copy(in);
    }

    /** Encrypts and sends this. */
    final void say(Line line, byte[] data) throws IOException {
        ByteBuffer source = ByteBuffer.wrap(data);
        while (source.hasRemaining()) {
            wrap(line, source);
        }
    }

    /** Asks for new keys: a KeyUpdate that wants one back in TLS 1.3, a second handshake in TLS 1.2. */
    final void askForNewKeys(Line line) throws IOException {
        engine.beginHandshake();
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            wrap(line, NOTHING);
        }
    }

    private void advance(Line line) throws IOException {
        for (HandshakeStatus status = engine.getHandshakeStatus(); ; status = engine.getHandshakeStatus()) {
            if (status == HandshakeStatus.NEED_TASK) {
                for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                    task.run();
                }
            } else if (status == HandshakeStatus.NEED_WRAP) {
                wrap(line, NOTHING);
            } else {
                break;
            }
        }
        if (!established
                && engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
                && !engine.getSession().getProtocol().equals("NONE")) {
            established = true;
            established(line);
        }
    }

    private void wrap(Line line, ByteBuffer source) throws IOException {
        SSLEngineResult result = engine.wrap(source, OUT.clear());
        if (OUT.position() > 0) {
            line.send(OUT.flip());
        }
        if (result.getStatus() != Status.OK) {
            throw new IOException("wrap: " + result);
        }
    }

    private static ByteBuffer join(ByteBuffer first, ByteBuffer second) {
        if (!first.hasRemaining()) {
            return second;
        }
        return ByteBuffer.allocate(first.remaining() + second.remaining())
                .put(first)
                .put(second)
                .flip();
    }

    private static ByteBuffer copy(ByteBuffer rest) {
        return rest.hasRemaining()
                ? ByteBuffer.allocate(rest.remaining()).put(rest).flip()
                : NOTHING;
    }
}
