package io.openme.knocker;

import io.openme.protocol.IpLiteral;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * Speaks TLS and ALPN as a doorman does, and answers each line with what a script says: real bytes over real connections,
 * but no doorman's decisions.
 */
final class Openme2Server implements AutoCloseable {
    private final ServerSocket listening;
    private final SSLContext context;
    private final Thread accepting;
    private final String[] protocols;
    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
    private volatile Script script = Openme2Server::agree;
    private final AtomicInteger connections = new AtomicInteger();

    /** What to answer. */
    @FunctionalInterface
    interface Script {
        /** The bytes to send, line ends included; empty to end the connection instead. */
        Optional<String> reply(InetAddress client, String line);
    }

    Openme2Server(TestCa ca, TestCertificate certificate, InetAddress address, int port, String... protocols) {
        try {
            context = OriginalServer.context(ca, certificate);
            listening = new ServerSocket(port, 50, address);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        this.protocols = protocols.clone();
        accepting = start("openme2-server", this::accept);
    }

    /** Opens everything for as long as is asked for, or for 600 seconds, and closes one. */
    static Optional<String> agree(InetAddress client, String line) {
        if (line.startsWith("OPENME") || line.startsWith("MEOPEN")) {
            return Optional.of("OK\n");
        }
        String lifetime = line.contains("lifetime=") ? line.replaceAll(".*lifetime=(\\d+).*", "$1") : "600";
        String address =
                line.contains(" address=") ? line.replaceAll(".* address=(\\S+).*", "$1") : IpLiteral.format(client);
        String opened = "OK address=" + address + " services=ssh lifetime=" + lifetime + "\n";
        return Optional.of(line.startsWith("CLOSE") ? "OK closed=1\n" : opened);
    }

    Openme2Server answering(Script other) {
        script = other;
        return this;
    }

    Openme2Server answering(String reply) {
        return answering((client, line) -> Optional.of(reply));
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Each line, after the address that it came from. */
    List<String> heard() {
        return List.copyOf(heard);
    }

    int connections() {
        return connections.get();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket transport = listening.accept();
                connections.incrementAndGet();
                var unused = start("openme2-connection", () -> serve(transport));
            } catch (IOException e) {
                // Closed; the loop sees it.
            }
        }
    }

    private void serve(Socket transport) {
        try (transport;
                SSLSocket socket = (SSLSocket)
                        context.getSocketFactory().createSocket(transport, null, transport.getPort(), false)) {
            socket.setUseClientMode(false);
            socket.setNeedClientAuth(true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(protocols);
            socket.setSSLParameters(parameters);
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            InetAddress client = transport.getInetAddress();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                heard.add(IpLiteral.format(client) + " " + line);
                Optional<String> reply = script.reply(client, line);
                if (reply.isEmpty()) {
                    return;
                }
                socket.getOutputStream().write(reply.get().getBytes(StandardCharsets.ISO_8859_1));
            }
        } catch (IOException e) {
            // The knocker is gone, or refused us: what it says of that is what tests look at.
        }
    }

    private static Thread start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Override
    public void close() {
        try {
            listening.close();
            // While it still accepts, the port is not closed.
            accepting.join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
