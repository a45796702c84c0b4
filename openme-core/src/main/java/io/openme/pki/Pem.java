package io.openme.pki;

import io.openme.internal.x509.X509;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
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

/** Writes PEM, and what a CA needs to read of it. */
final class Pem {
    /** About half a second of work for each guess at a passphrase. */
    private static final int ITERATIONS = 600_000;

    static final int LARGEST = 1 << 20;

    private Pem() {}

    static byte[] certificate(X509Certificate certificate) {
        try {
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
            throw new CaException("can't encrypt the key", e);
        }
    }

    /** The first certificate of a file; text around it is skipped. */
    static X509Certificate readCertificate(Path file) throws IOException {
        return certificate(file, read(file));
    }

    /** The first certificate of what was read from a file. */
    static X509Certificate certificate(Path file, byte[] content) {
        try {
            return X509.certificate(content);
        } catch (CertificateException e) {
            throw new CaException(
                    "there is no certificate that can be read in " + file + " (" + e.getMessage()
                            + "); bring it back from a backup, or move it away",
                    e);
        }
    }

    /** A file as it is, if it is no larger than any key or certificate. */
    static byte[] read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(LARGEST + 1);
            if (content.length > LARGEST) {
                throw new CaException(file + " is larger than any key or certificate; move it away");
            }
            return content;
        }
    }

    /** Whether a key is encrypted, in the way of PKCS#8 or of old. */
    static boolean isEncrypted(byte[] key) {
        String text = new String(key, StandardCharsets.ISO_8859_1);
        return text.contains("BEGIN ENCRYPTED ") || text.contains("4,ENCRYPTED");
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
