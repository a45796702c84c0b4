package io.openme.internal.listener;

import io.openme.testkit.TestCertificate;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/** A client of the JDK that speaks TLS in steps, so that what it sends can be spoilt on the way. */
final class FuzzedPeer {
    static final TestTls TLS = new TestTls();

    private static final TestCertificate ALICES = TLS.client("alice");
    private static final SSLContext ALICE = TLS.context(ALICES);
    private static final SSLContext NOBODY = TLS.context(null);
    private static final SSLContext STRANGER = TLS.context(stranger());
    private static final List<String[]> PROTOCOLS = List.of(
            new String[0], new String[] {"openme/1"}, new String[] {"openme/2", "openme/1"}, new String[] {"h2"});
    private static final int ROOM = 64 * 1024;

    private final SSLEngine engine;
    private final boolean known;
    private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
    private ByteBuffer unread = ByteBuffer.allocate(0);
    private boolean broken;

    /**
     * A client.
     *
     * @param kind whose certificate it shows, which TLS it speaks, and what it offers
     * @param forged what it sends in place of its certificate; empty for what it has
     */
    FuzzedPeer(int kind, byte[] forged) {
        int who = kind & 3;
        known = who < 2 && forged.length == 0;
        SSLContext context = known ? ALICE : who == 2 ? NOBODY : STRANGER;
        engine = (forged.length == 0 ? context : TLS.forging(ALICES, forged)).createSSLEngine("server", 1);
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {(kind & 4) == 0 ? "TLSv1.3" : "TLSv1.2"});
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(PROTOCOLS.get(kind >> 3 & 3));
        engine.setSSLParameters(parameters);
    }

    /** Whether it has a certificate of the CA. */
    boolean known() {
        return known;
    }

    /** The application data that it was sent, as text. */
    String heard() {
        return heard.toString(StandardCharsets.US_ASCII);
    }

    /** What it has to send now, for the handshake or to end; empty if nothing. */
    byte[] flight() {
        return wrap(ByteBuffer.allocate(0));
    }

    /** This as application data. Before the end of the handshake that is what {@link #flight} is. */
    byte[] say(byte[] data) {
        return wrap(ByteBuffer.wrap(data));
    }

    /** Asks for new keys, or in TLS 1.2 for a new handshake. */
    byte[] handshakeAgain() {
        try {
            engine.beginHandshake();
        } catch (SSLException e) {
            broken = true;
        }
        return flight();
    }

    byte[] close() {
        engine.closeOutbound();
        return flight();
    }

    /** Takes what it is sent. */
    void receive(byte[] bytes) {
        unread = ByteBuffer.allocate(unread.remaining() + bytes.length)
                .put(unread)
                .put(bytes)
                .flip();
        ByteBuffer data = ByteBuffer.allocate(ROOM);
        try {
            while (!broken && unread.hasRemaining()) {
                SSLEngineResult result = engine.unwrap(unread, data.clear());
                heard.write(data.array(), 0, data.position());
                runTasks();
                if (result.getStatus() != Status.OK || result.bytesConsumed() == 0) {
                    return;
                }
            }
        } catch (SSLException e) {
            broken = true;
        }
    }

    private byte[] wrap(ByteBuffer data) {
        ByteBuffer records = ByteBuffer.allocate(ROOM);
        try {
            do {
                SSLEngineResult result = engine.wrap(data, records);
                runTasks();
                if (result.getStatus() != Status.OK || result.bytesProduced() == 0) {
                    break;
                }
            } while (data.hasRemaining() || engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP);
        } catch (SSLException e) {
            broken = true;
        }
        byte[] bytes = new byte[records.flip().remaining()];
        records.get(bytes);
        return bytes;
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    private static TestCertificate stranger() {
        return new TestTls().client("mallory");
    }
}
