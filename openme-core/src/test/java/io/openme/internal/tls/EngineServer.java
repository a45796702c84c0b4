package io.openme.internal.tls;

import io.openme.tls.Peer;
import io.openme.tls.UntrustedException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** Serves one connection after the other: reads what comes in one record, answers {@code OK}, closes. */
final class EngineServer implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    /** What became of each connection: the peer, or the exception that ended it. */
    final BlockingQueue<Object> outcomes = new LinkedBlockingQueue<>();

    private final ServerTls tls;
    private final ServerSocket listening;
    private final Thread thread = new Thread(this::run, "engine-server");

    EngineServer(ServerTls tls) throws IOException {
        this.tls = tls;
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listening.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }

    private void run() {
        while (true) {
            try (Socket socket = listening.accept()) {
                socket.setSoTimeout(10_000);
                outcomes.add(serve(socket));
            } catch (SocketException e) {
                if (listening.isClosed()) {
                    return;
                }
                outcomes.add(e);
            } catch (IOException | UntrustedException e) {
                outcomes.add(e);
            }
        }
    }

    private Peer serve(Socket socket) throws IOException, UntrustedException {
        SSLEngine engine = tls.newServerEngine();
        ByteBuffer in = ByteBuffer.allocate(BUFFER).flip();
        ByteBuffer plain = ByteBuffer.allocate(BUFFER);
        engine.beginHandshake();
        while (plain.position() == 0) {
            pump(socket, engine, in, plain);
        }
        Peer peer = tls.peer(engine);
        send(socket, engine, ByteBuffer.wrap("OK".getBytes(StandardCharsets.US_ASCII)));
        engine.closeOutbound();
        send(socket, engine, ByteBuffer.allocate(0));
        socket.shutdownOutput();
        drain(socket);
        return peer;
    }

    private static void pump(Socket socket, SSLEngine engine, ByteBuffer in, ByteBuffer plain) throws IOException {
        try {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                    task.run();
                }
            } else if (status == HandshakeStatus.NEED_WRAP) {
                send(socket, engine, ByteBuffer.allocate(0));
            } else {
                switch (engine.unwrap(in, plain).getStatus()) {
                    case BUFFER_UNDERFLOW -> receive(socket, in);
                    case CLOSED -> throw new SSLException("closed before a command came");
                    default -> {}
                }
            }
        } catch (SSLException e) {
            // The alert that says why is still to be sent, and maybe something before it.
            while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                send(socket, engine, ByteBuffer.allocate(0));
            }
            socket.shutdownOutput();
            drain(socket);
            throw e;
        }
    }

    private static void receive(Socket socket, ByteBuffer in) throws IOException {
        byte[] chunk = new byte[4096];
        int count = socket.getInputStream().read(chunk);
        if (count < 0) {
            throw new SSLException("end of stream");
        }
        in.compact().put(chunk, 0, count).flip();
    }

    /** Closing with unread input would reset the connection, and the answer with it. */
    private static void drain(Socket socket) throws IOException {
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }

    private static void send(Socket socket, SSLEngine engine, ByteBuffer plain) throws IOException {
        do {
            ByteBuffer out = ByteBuffer.allocate(BUFFER);
            engine.wrap(plain, out);
            socket.getOutputStream().write(out.array(), 0, out.position());
        } while (plain.hasRemaining());
    }
}
