package io.openme.internal.listener;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** A CA of its own for each test, with one server and as many clients as asked for. */
final class ListenerCertificates {
    private final Holder ca = Holder.selfSigned("test CA");
    private final Holder server = ca.issue("test server", KeyPurposeId.id_kp_serverAuth);

    /** Who holds a key and the certificate of it. */
    record Holder(PrivateKey key, X509Certificate certificate) {
        static Holder selfSigned(String name) {
            KeyPair pair = pair();
            return new Holder(pair.getPrivate(), sign(name, pair, name, pair.getPrivate(), null));
        }

        Holder issue(String name, KeyPurposeId purpose) {
            KeyPair pair = pair();
            String issuer = certificate.getSubjectX500Principal().getName().replace("CN=", "");
            return new Holder(pair.getPrivate(), sign(name, pair, issuer, key, purpose));
        }

        void write(Path directory, String name) throws IOException {
            pem(directory.resolve(name + ".key"), key);
            pem(directory.resolve(name + ".crt"), certificate);
        }

        private static KeyPair pair() {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
                generator.initialize(new ECGenParameterSpec("secp256r1"));
                return generator.generateKeyPair();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        private static X509Certificate sign(
                String name, KeyPair pair, String issuer, PrivateKey key, @Nullable KeyPurposeId purpose) {
            Instant now = Instant.now();
            try {
                JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                        new X500Principal("CN=" + issuer),
                        new BigInteger(128, new SecureRandom()),
                        Date.from(now.minus(Duration.ofDays(1))),
                        Date.from(now.plus(Duration.ofDays(30))),
                        new X500Principal("CN=" + name),
                        pair.getPublic());
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(purpose == null));
                if (purpose != null) {
                    builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
                }
                return new JcaX509CertificateConverter()
                        .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
            } catch (GeneralSecurityException | OperatorCreationException e) {
                throw new IllegalStateException(e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void pem(Path file, Object content) throws IOException {
            StringWriter text = new StringWriter();
            try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
                writer.writeObject(content);
            }
            Files.writeString(file, text.toString());
        }
    }

    Holder client(String name) {
        return ca.issue(name, KeyPurposeId.id_kp_clientAuth);
    }

    Holder serverPurposeOnly(String name) {
        return ca.issue(name, KeyPurposeId.id_kp_serverAuth);
    }

    Holder ca() {
        return ca;
    }

    /** Engines that demand a client certificate of this CA. */
    Supplier<SSLEngine> engines(String... protocols) {
        SSLContext context = context(server);
        // Longer than RFC 8446 allows, which is how the JDK is told to issue no tickets.
        context.getServerSessionContext().setSessionTimeout(604_801);
        return () -> {
            SSLEngine engine = context.createSSLEngine();
            engine.setUseClientMode(false);
            engine.setNeedClientAuth(true);
            engine.setEnabledProtocols(protocols);
            return engine;
        };
    }

    /** A context that trusts this CA and shows this holder, or nothing. */
    SSLContext context(@Nullable Holder holder) {
        try {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", ca.certificate());
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keys = holder == null ? new KeyManager[0] : new KeyManager[] {new OneKey(holder)};
            context.init(keys, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The key manager of the JDK decrypts its key anew for each handshake, which costs as much as the handshake. */
    private static final class OneKey extends X509ExtendedKeyManager {
        private final Holder holder;

        OneKey(Holder holder) {
            this.holder = holder;
        }

        @Override
        public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[] {"one"};
        }

        @Override
        public String chooseClientAlias(String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return "one";
        }

        @Override
        public String chooseEngineClientAlias(String[] keyType, Principal @Nullable [] issuers, SSLEngine engine) {
            return "one";
        }

        @Override
        public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[] {"one"};
        }

        @Override
        public String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return "one";
        }

        @Override
        public String chooseEngineServerAlias(String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
            return "one";
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {holder.certificate()};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return holder.key();
        }
    }
}
