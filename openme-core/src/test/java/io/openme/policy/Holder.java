package io.openme.policy;

import io.openme.doorman.Client;
import io.openme.testkit.KeyType;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Clients whose certificates hold what a test says. Nobody checks who signed them: that is done before any policy. */
final class Holder {
    private static final BigInteger SERIAL = new BigInteger("1a2b", 16);
    private static final KeyPair KEYS = KeyType.P256.generate();
    private static final X500Name ISSUER = X500Name.getInstance(new X500Principal("CN=My CA,O=Example").getEncoded());

    private Holder() {}

    /** One with this common name and nothing else. */
    static Client named(String... commonNames) {
        X500NameBuilder subject = new X500NameBuilder();
        for (String each : commonNames) {
            subject.addRDN(BCStyle.CN, new DERUTF8String(each));
        }
        return of(subject.build());
    }

    /** One with this subject and these alternative names. */
    static Client of(X500Name subject, GeneralName... alternatives) {
        return of(subject, alternatives.length == 0 ? Optional.empty() : Optional.of(new GeneralNames(alternatives)));
    }

    /** One with the common name {@code x} and this alternative name. */
    static Client alternative(int kind, String name) {
        return of(new X500Name("CN=x"), new GeneralName(kind, name));
    }

    /** One with this in place of alternative names. */
    static Client odd(ASN1Encodable alternatives) {
        return of(new X500Name("CN=x"), Optional.of(alternatives));
    }

    private static Client of(X500Name subject, Optional<ASN1Encodable> alternatives) {
        try {
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    ISSUER,
                    SERIAL,
                    Date.from(Instant.EPOCH),
                    Date.from(Instant.EPOCH.plusSeconds(1)),
                    subject,
                    KEYS.getPublic());
            if (alternatives.isPresent()) {
                builder.addExtension(Extension.subjectAlternativeName, false, alternatives.get());
            }
            return Client.of(new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(KEYS.getPrivate()))));
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }
}
