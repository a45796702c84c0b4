package io.openme.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certification authority in memory, for tests: {@code TestCa.create().client("alice").issue()}.
 *
 * <p>It shares no code with the one under test, and makes wrong certificates on request. Everything is relative to the
 * instant it was made for, so a test with a clock of its own says {@link #at}.
 */
public final class TestCa {
    private static final Duration LIFETIME = Duration.ofDays(3650);
    private static final Duration BACKDATED = Duration.ofDays(1);

    private final Instant now;
    private final X509Certificate certificate;
    private final KeyPair keys;
    private final KeyType type;
    private final List<X509Certificate> above;

    private TestCa(Instant now, X509Certificate certificate, KeyPair keys, KeyType type, List<X509Certificate> above) {
        this.now = now;
        this.certificate = certificate;
        this.keys = keys;
        this.type = type;
        this.above = above;
    }

    /** A root CA with a P-256 key that is valid now. Two of them have the same name and different keys. */
    public static TestCa create() {
        return at(Instant.now());
    }

    /** A root CA that is valid at this instant, and takes it for the present. */
    public static TestCa at(Instant now) {
        return create("Test CA", KeyType.P256, now, now.minus(BACKDATED), now.plus(LIFETIME));
    }

    /** A root CA with this common name and kind of key that is valid now. */
    public static TestCa create(String name, KeyType type) {
        Instant now = Instant.now();
        return create(name, type, now, now.minus(BACKDATED), now.plus(LIFETIME));
    }

    /** A root CA of which everything is chosen; {@code now} is what its leaves' dates are relative to. */
    public static TestCa create(String name, KeyType type, Instant now, Instant notBefore, Instant notAfter) {
        KeyPair keys = type.generate();
        X500Principal subject = subject(name);
        X509Certificate certificate = sign(
                TestCertificate.builder(subject, subject, keys.getPublic(), notBefore, notAfter),
                keys.getPublic(),
                keys,
                type.signature(),
                TestCa::authority);
        return new TestCa(now.truncatedTo(ChronoUnit.SECONDS), certificate, keys, type, List.of());
    }

    /** A CA below this one; what it issues comes with its certificate in the chain. */
    public TestCa intermediate(String name) {
        KeyPair below = type.generate();
        X509Certificate issued = sign(
                TestCertificate.builder(
                        certificate.getSubjectX500Principal(),
                        subject(name),
                        below.getPublic(),
                        now.minus(BACKDATED),
                        now.plus(LIFETIME)),
                below.getPublic(),
                TestCa::authority);
        List<X509Certificate> chain = new ArrayList<>(List.of(issued));
        chain.addAll(above);
        return new TestCa(now, issued, below, type, List.copyOf(chain));
    }

    /** A client's certificate, to be changed before it is issued. */
    public TestLeaf client(String name) {
        return new TestLeaf(this, name).purposes(TestLeaf.CLIENT_AUTH);
    }

    /** A server's certificate for these DNS names and IP addresses; the first is its common name, too. */
    public TestLeaf server(String... names) {
        return new TestLeaf(this, names[0]).purposes(TestLeaf.SERVER_AUTH).names(names);
    }

    /** A revocation list, to be filled before it is issued. */
    public TestCrl crl() {
        return new TestCrl(this);
    }

    /** Its own certificate: what the other side trusts. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** Its own certificate in PEM. */
    public String pem() {
        return TestCertificate.pem(List.of(certificate));
    }

    /** Its own certificate and key as though it were a leaf's, which nobody should accept. */
    public TestCertificate asLeaf() {
        return new TestCertificate("ca", certificate, List.of(), keys.getPrivate());
    }

    /** Writes {@code ca.crt} there and returns its path. */
    public Path writeTo(Path directory) {
        try {
            return Files.writeString(directory.resolve("ca.crt"), pem());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Instant now() {
        return now;
    }

    List<X509Certificate> chain() {
        return above;
    }

    ContentSigner signer() {
        return signer(keys, type.signature());
    }

    /** What is put into a certificate besides its names and dates. */
    interface Contents {
        void addTo(X509v3CertificateBuilder builder, JcaX509ExtensionUtils utils)
                throws IOException, GeneralSecurityException;
    }

    X509Certificate sign(X509v3CertificateBuilder builder, PublicKey subject, Contents contents) {
        return sign(builder, subject, contents, type.signature());
    }

    X509Certificate sign(X509v3CertificateBuilder builder, PublicKey subject, Contents contents, String algorithm) {
        return sign(builder, subject, keys, algorithm, contents);
    }

    String signature() {
        return type.signature();
    }

    static X500Principal subject(String commonName) {
        return new X500Principal("CN=\"" + commonName.replace("\\", "\\\\").replace("\"", "\\\"") + "\"");
    }

    private static X509Certificate sign(
            X509v3CertificateBuilder builder, PublicKey subject, KeyPair issuer, String algorithm, Contents contents) {
        try {
            JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
            contents.addTo(builder, utils);
            builder.addExtension(Extension.subjectKeyIdentifier, false, utils.createSubjectKeyIdentifier(subject));
            builder.addExtension(
                    Extension.authorityKeyIdentifier, false, utils.createAuthorityKeyIdentifier(issuer.getPublic()));
            return read(builder.build(signer(issuer, algorithm)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static X509Certificate read(X509CertificateHolder made) throws CertificateException {
        try {
            return new JcaX509CertificateConverter().getCertificate(made);
        } catch (CertificateException e) {
            // The JDK does not read all that a peer may send.
            return new JcaX509CertificateConverter()
                    .setProvider(new BouncyCastleProvider())
                    .getCertificate(made);
        }
    }

    private static void authority(X509v3CertificateBuilder builder, JcaX509ExtensionUtils utils) throws IOException {
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    }

    private static ContentSigner signer(KeyPair keys, String algorithm) {
        try {
            return new JcaContentSignerBuilder(algorithm).build(keys.getPrivate());
        } catch (OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }
}
