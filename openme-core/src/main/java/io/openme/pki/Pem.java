package io.openme.pki;

import io.openme.tls.Identity;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfoBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.jspecify.annotations.Nullable;

/** Writes PEM. */
final class Pem {
    /** About half a second of work for each guess at a passphrase. */
    private static final int ITERATIONS = 600_000;

    private Pem() {}

    static byte[] certificate(Identity identity) {
        try {
            X509Certificate certificate = identity.certificate();
            return block("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("it was decoded before", e);
        }
    }

    static byte[] revocationList(byte[] der) {
        return block("X509 CRL", der);
    }

    /** PKCS#8; encrypted with AES-256 if there is a passphrase. */
    static byte[] key(PrivateKey key, char @Nullable [] passphrase) {
        if (passphrase == null) {
            return block("PRIVATE KEY", key.getEncoded());
        }
        try {
            return block(
                    "ENCRYPTED PRIVATE KEY",
                    new PKCS8EncryptedPrivateKeyInfoBuilder(PrivateKeyInfo.getInstance(key.getEncoded()))
                            .build(new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                                    .setProvider(new BouncyCastleProvider())
                                    .setPRF(PKCS8Generator.PRF_HMACSHA256)
                                    .setIterationCount(ITERATIONS)
                                    .setPassword(passphrase)
                                    .build())
                            .getEncoded());
        } catch (IOException | OperatorCreationException e) {
            throw new CaException("can't encrypt the key of the CA", e);
        }
    }

    private static byte[] block(String type, byte[] content) {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(type, content));
        } catch (IOException e) {
            throw new IllegalStateException("memory has no errors", e);
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
