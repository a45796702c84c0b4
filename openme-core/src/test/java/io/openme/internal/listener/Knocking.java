package io.openme.internal.listener;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A client that blocks, as simple programs have it. */
final class Knocking implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final SSLSocket socket;

    Knocking(SSLContext context, InetSocketAddress server, String protocol) throws IOException {
        this(context, server, protocol, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    }

    Knocking(SSLContext context, InetSocketAddress server, String protocol, InetAddress from) throws IOException {
        Socket raw = new Socket();
        raw.bind(new InetSocketAddress(from, 0));
        // Else the last piece of the handshake waits 40 ms for an acknowledgement of the first.
        raw.setTcpNoDelay(true);
        raw.connect(server, PATIENCE_MILLIS);
        raw.setSoTimeout(PATIENCE_MILLIS);
        socket = (SSLSocket) context.getSocketFactory().createSocket(raw, "server", server.getPort(), true);
        socket.setEnabledProtocols(new String[] {protocol});
    }

    /** Offers these application protocols. */
    Knocking offer(String... protocols) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
        return this;
    }

    /** Has the system take no more than this before it is read. */
    Knocking receiveBuffer(int bytes) throws IOException {
        socket.setReceiveBufferSize(bytes);
        return this;
    }

    /** What was agreed on; empty if nothing. */
    String protocol() throws IOException {
        socket.startHandshake();
        return socket.getApplicationProtocol();
    }

    /** One line, without its end. */
    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = socket.getInputStream().read();
                next != '\n';
                next = socket.getInputStream().read()) {
            if (next < 0) {
                throw new EOFException("the server ended the connection after: " + line);
            }
            line.append((char) next);
        }
        return line.toString();
    }

    /** One TLS record for each of these texts. */
    Knocking say(String... records) throws IOException {
        OutputStream out = socket.getOutputStream();
        for (String record : records) {
            out.write(record.getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }
        return this;
    }

    Knocking endOutput() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Everything up to the server's end. */
    String answer() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
