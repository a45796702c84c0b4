package io.openme.testkit;

import java.io.IOException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.util.IPAddress;

/**
 * A leaf certificate before it is issued, good as it is: P-256, valid for the 30 days around the CA's present, CA:false,
 * digitalSignature, one purpose. Each method changes one thing and returns this.
 */
public final class TestLeaf {
    /** The purpose of a client, as {@link #purposes} takes it. */
    public static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    /** The purpose of a server. */
    public static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    /** Any purpose, which should not count as the right one. */
    public static final String ANY_PURPOSE = "2.5.29.37.0";

    private static final Duration DAY = Duration.ofDays(1);

    private final TestCa ca;
    private final String name;
    private KeyType type = KeyType.P256;
    private Instant notBefore;
    private Instant notAfter;
    private List<String> purposes = List.of();
    private List<String> names = List.of();
    private int keyUsage = KeyUsage.digitalSignature;
    private String uri = "";
    private boolean authority;
    private String signature;
    private final List<X509Certificate> junk = new ArrayList<>();

    TestLeaf(TestCa ca, String name) {
        this.ca = ca;
        this.name = name;
        this.notBefore = ca.now().minus(DAY);
        this.notAfter = ca.now().plus(DAY.multipliedBy(29));
        this.signature = ca.signature();
    }

    /** Its key is of this kind. */
    public TestLeaf keyType(KeyType type) {
        this.type = type;
        return this;
    }

    /** It is valid from then to then. */
    public TestLeaf valid(Instant from, Instant to) {
        this.notBefore = from;
        this.notAfter = to;
        return this;
    }

    /** Its validity ended yesterday. */
    public TestLeaf expired() {
        return valid(ca.now().minus(DAY.multipliedBy(30)), ca.now().minus(DAY));
    }

    /** Its validity begins tomorrow. */
    public TestLeaf notYetValid() {
        return valid(ca.now().plus(DAY), ca.now().plus(DAY.multipliedBy(30)));
    }

    /** Its extended key usages are exactly these object identifiers; with none it has no such extension. */
    public TestLeaf purposes(String... identifiers) {
        this.purposes = List.of(identifiers);
        return this;
    }

    /** Its subject alternative names are exactly these; what looks like an IP address becomes one. */
    public TestLeaf names(String... alternatives) {
        this.names = List.of(alternatives);
        return this;
    }

    /**
     * Its only subject alternative name, in a critical extension, is this URI, whatever it is. The JDK can read no such
     * certificate if it is none; this one is an object of Bouncy Castle's.
     */
    public TestLeaf criticalUri(String text) {
        this.uri = text;
        return this;
    }

    /** Its key usage is keyEncipherment only, so its key may not sign a handshake. */
    public TestLeaf mayNotSign() {
        this.keyUsage = KeyUsage.keyEncipherment;
        return this;
    }

    /** It claims to be a CA. */
    public TestLeaf claimsToBeAnAuthority() {
        this.authority = true;
        return this;
    }

    /** The CA signs it with this JCA algorithm, such as {@code SHA1withECDSA}. */
    public TestLeaf signedWith(String algorithm) {
        this.signature = algorithm;
        return this;
    }

    /** Its chain goes on with that many certificates that have nothing to do with it. */
    public TestLeaf junkChain(int length) {
        for (int i = 0; i < length; i++) {
            junk.add(TestCa.create("Junk CA " + i, KeyType.P256).certificate());
        }
        return this;
    }

    /** Makes the key and the certificate. */
    public TestCertificate issue() {
        KeyPair keys = type.generate();
        X509v3CertificateBuilder builder = TestCertificate.builder(
                ca.certificate().getSubjectX500Principal(),
                TestCa.subject(name),
                keys.getPublic(),
                notBefore,
                notAfter);
        X509Certificate leaf = ca.sign(builder, keys.getPublic(), (to, utils) -> addExtensions(to), signature);
        List<X509Certificate> rest = new ArrayList<>(ca.chain());
        rest.addAll(junk);
        return new TestCertificate(name, leaf, rest, keys.getPrivate());
    }

    private void addExtensions(X509v3CertificateBuilder builder) throws IOException {
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(keyUsage));
        if (!purposes.isEmpty()) {
            KeyPurposeId[] identifiers = purposes.stream()
                    .map(oid -> KeyPurposeId.getInstance(new ASN1ObjectIdentifier(oid)))
                    .toArray(KeyPurposeId[]::new);
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(identifiers));
        }
        if (!uri.isEmpty()) {
            GeneralName name = new GeneralName(GeneralName.uniformResourceIdentifier, new DERIA5String(uri));
            builder.addExtension(Extension.subjectAlternativeName, true, new GeneralNames(name));
        } else if (!names.isEmpty()) {
            builder.addExtension(Extension.subjectAlternativeName, false, alternatives());
        }
    }

    private GeneralNames alternatives() {
        return new GeneralNames(names.stream()
                .map(each ->
                        new GeneralName(IPAddress.isValid(each) ? GeneralName.iPAddress : GeneralName.dNSName, each))
                .toArray(GeneralName[]::new));
    }
}
