package io.openme.knocker;

import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Behaves as the original daemon does: one read of up to 1024 bytes, white space stripped, its own spellings only, a bare
 * answer, and then the connection is dropped without close_notify. It knows nothing of ALPN.
 */
final class OriginalServer implements AutoCloseable {
    private static final Set<String> KNOWN = Set.of("OPEN ME", "OPEN 192.0.2.7", "MEOPEN", "MEOPEN 192.0.2.7");

    private final ServerSocket listening;
    private final SSLContext context;
    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());

    OriginalServer(TestCa ca, TestCertificate certificate, InetAddress address) {
        try {
            context = context(ca, certificate);
            listening = new ServerSocket(0, 1, address);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        Thread thread = new Thread(this::serve, "original-server");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listening.getLocalPort();
    }

    List<String> heard() {
        return List.copyOf(heard);
    }

    private void serve() {
        while (!listening.isClosed()) {
            try (Socket transport = listening.accept()) {
                SSLSocket socket = (SSLSocket)
                        context.getSocketFactory().createSocket(transport, null, transport.getPort(), false);
                socket.setUseClientMode(false);
                socket.setNeedClientAuth(true);
                byte[] data = new byte[1024];
                int length = Math.max(0, socket.getInputStream().read(data));
                String command = new String(data, 0, length, StandardCharsets.UTF_8).strip();
                heard.add(command);
                String answer = KNOWN.contains(command) ? "OK" : "KO";
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                // Ends the transport under TLS: the peer sees FIN and no close_notify.
                transport.shutdownOutput();
            } catch (IOException e) {
                heard.add("failed: " + e.getMessage());
            }
        }
    }

    /** For a server with this certificate and clients of this CA. */
    static SSLContext context(TestCa ca, TestCertificate certificate) throws GeneralSecurityException, IOException {
        char[] password = "test".toCharArray();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(new ByteArrayInputStream(certificate.pkcs12(password)), password);
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(keys, password);
        KeyStore authorities = KeyStore.getInstance("PKCS12");
        authorities.load(null, null);
        authorities.setCertificateEntry("ca", ca.certificate());
        TrustManagerFactory trustManagers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trustManagers.init(authorities);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
        return context;
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
