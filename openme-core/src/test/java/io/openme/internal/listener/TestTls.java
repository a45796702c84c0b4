package io.openme.internal.listener;

import io.openme.internal.tls.ServerTls;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Clock;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** The doorman's own engines, and clients of the JDK that are not ours, under one CA. */
final class TestTls {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final TestCa ca = TestCa.create();
    private final TestCertificate server = ca.server("server").issue();

    TestCa ca() {
        return ca;
    }

    TestCertificate server() {
        return server;
    }

    TestCertificate client(String name) {
        return ca.client(name).issue();
    }

    /** Engines that demand a client certificate of this CA. */
    Supplier<SSLEngine> engines(boolean allowTls12) {
        return new ServerTls(
                        Identity.of(server.key(), server.chain()),
                        Trust.of(ca.certificate()),
                        Clock.systemUTC(),
                        allowTls12)::newServerEngine;
    }

    /** A context that trusts this CA and shows this certificate, or nothing. */
    SSLContext context(@Nullable TestCertificate who) {
        return context(() -> who == null ? new KeyManager[0] : keys(who));
    }

    /** A context that trusts this CA and sends these bytes for its certificate. */
    SSLContext forging(TestCertificate who, byte[] encoded) {
        return context(() -> new KeyManager[] {new ForgingKeyManager(who, encoded)});
    }

    private interface Keys {
        KeyManager[] get() throws GeneralSecurityException, IOException;
    }

    private SSLContext context(Keys keys) {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", ca.certificate());
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.get(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyManager[] keys(TestCertificate who) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new ByteArrayInputStream(who.pkcs12(PASSWORD)), PASSWORD);
        // The default one decrypts the key anew for each handshake, which costs as much as the handshake.
        KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
        factory.init(store, PASSWORD);
        return factory.getKeyManagers();
    }
}
