package io.openme.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.openme.testkit.KeyType;
import io.openme.tls.UntrustedException.Reason;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.BERTags;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Certificates that a CA of ours signed although a name in them is none. */
class ReadableNamesTest {
    private static final Instant NOW = Instant.parse("2026-12-01T12:00:00Z");
    private static final X500Name CA = new X500Name("CN=Test CA");
    private static final X500Name MALLORY = new X500Name("CN=mallory");
    private static final GeneralName EMAIL = new GeneralName(GeneralName.rfc822Name, "mallory@example.org");

    private final KeyPair authority = KeyType.P256.generate();
    private final X509Certificate trusted = issue(CA, null, true);

    @Test
    void refusesAClientOneOfWhoseAlternativeNamesIsNone() {
        X509Certificate certificate = issue(
                MALLORY,
                new GeneralNames(
                        new GeneralName[] {EMAIL, new GeneralName(GeneralName.uniformResourceIdentifier, "nothing")}),
                false);

        // What makes it dangerous: a rule that refuses mallory@example.org does not see the address.
        assertThat(namesByTheJdk(certificate)).isEmpty();
        assertThat(refusal(certificate)).isEqualTo(Reason.MALFORMED);
    }

    @Test
    void refusesAClientWithAnAddressThatIsNone() {
        ASN1Encodable network = new DERTaggedObject(false, GeneralName.iPAddress, new DEROctetString(new byte[8]));

        assertThat(refusal(issue(MALLORY, new DERSequence(network), false))).isEqualTo(Reason.MALFORMED);
        assertThat(refusal(issue(MALLORY, new DERSequence(), false))).isEqualTo(Reason.MALFORMED);
    }

    @Test
    void refusesAClientWhoseSubjectIsNoText() {
        X500Name number =
                new X500NameBuilder().addRDN(BCStyle.CN, new ASN1Integer(7)).build();
        X500Name latin1 = new X500NameBuilder().addRDN(BCStyle.CN, badText()).build();

        assertThat(refusal(issue(number, null, false))).isEqualTo(Reason.MALFORMED);
        assertThat(refusal(issue(latin1, null, false))).isEqualTo(Reason.MALFORMED);
    }

    @Test
    void believesAClientWithEachKindOfName() throws Exception {
        GeneralNames all = new GeneralNames(new GeneralName[] {
            EMAIL,
            new GeneralName(GeneralName.dNSName, "laptop.example.org"),
            new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://example.org/mallory"),
            new GeneralName(GeneralName.iPAddress, "192.0.2.1"),
            new GeneralName(GeneralName.iPAddress, "2001:db8::1"),
            new GeneralName(MALLORY)
        });

        assertThat(Trust.of(trusted)
                        .verify(List.of(issue(MALLORY, all, false)), Purpose.CLIENT, NOW)
                        .name())
                .isEqualTo("mallory");
    }

    /** UTF8String by its tag, and Latin-1 by its bytes. */
    private static ASN1Encodable badText() {
        byte[] text = "mallory\u00e9".getBytes(StandardCharsets.ISO_8859_1);
        byte[] encoded = new byte[text.length + 2];
        encoded[0] = BERTags.UTF8_STRING;
        encoded[1] = (byte) text.length;
        System.arraycopy(text, 0, encoded, 2, text.length);
        return ASN1UTF8String.getInstance(encoded);
    }

    /** JDK 17 says that there are none, later ones that they can't be read. */
    private static Collection<List<?>> namesByTheJdk(X509Certificate certificate) {
        try {
            return Objects.requireNonNullElse(certificate.getSubjectAlternativeNames(), List.of());
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    private Reason refusal(X509Certificate certificate) {
        return catchThrowableOfType(
                        UntrustedException.class,
                        () -> Trust.of(trusted).verify(List.of(certificate), Purpose.CLIENT, NOW))
                .reason();
    }

    private X509Certificate issue(X500Name subject, @Nullable ASN1Encodable alternatives, boolean ca) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    CA,
                    BigInteger.TEN,
                    Date.from(NOW),
                    Date.from(NOW.plus(Duration.ofDays(1))),
                    subject,
                    authority.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
            if (!ca) {
                builder.addExtension(
                        Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
            }
            if (alternatives != null) {
                builder.addExtension(Extension.subjectAlternativeName, false, alternatives);
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(
                            new JcaContentSignerBuilder("SHA256withECDSA").build(authority.getPrivate())));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
