package io.openme.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;

/**
 * An issued certificate and its key.
 *
 * @param name what it was issued to
 * @param certificate the leaf
 * @param above what is sent after the leaf: intermediate CAs and junk, never the root
 * @param key its private key
 */
public record TestCertificate(String name, X509Certificate certificate, List<X509Certificate> above, PrivateKey key) {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Keeps a copy of the list. */
    public TestCertificate {
        above = List.copyOf(above);
    }

    /** The leaf and what is above it, as a peer sends it. */
    public List<X509Certificate> chain() {
        List<X509Certificate> chain = new ArrayList<>(List.of(certificate));
        chain.addAll(above);
        return List.copyOf(chain);
    }

    /** The chain in PEM. */
    public String certificatePem() {
        return pem(chain());
    }

    /** The key in PEM: PKCS#8, not encrypted. */
    public String keyPem() {
        return Pem.of("PRIVATE KEY", key.getEncoded());
    }

    /** Key and chain as a PKCS#12 store, by this password. */
    public byte[] pkcs12(char[] password) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(name, key, password, chain().toArray(X509Certificate[]::new));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            store.store(out, password);
            return out.toByteArray();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes {@code NAME.crt} and {@code NAME.key} there and returns the directory. */
    public Path writeTo(Path directory) {
        try {
            Files.writeString(directory.resolve(name + ".crt"), certificatePem());
            Files.writeString(directory.resolve(name + ".key"), keyPem());
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Leaves the key out. */
    @Override
    public String toString() {
        return "TestCertificate[" + name + "]";
    }

    static String pem(List<X509Certificate> certificates) {
        return certificates.stream()
                .map(each -> Pem.of("CERTIFICATE", TestCa.encoded(each)))
                .collect(Collectors.joining());
    }

    static X509v3CertificateBuilder builder(
            X500Principal issuer, X500Principal subject, PublicKey key, Instant notBefore, Instant notAfter) {
        BigInteger serial = new BigInteger(127, RANDOM).setBit(126);
        return new JcaX509v3CertificateBuilder(issuer, serial, Date.from(notBefore), Date.from(notAfter), subject, key);
    }
}
