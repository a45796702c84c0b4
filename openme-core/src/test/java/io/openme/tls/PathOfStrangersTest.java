package io.openme.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.openme.testkit.KeyType;
import io.openme.testkit.TestCa;
import io.openme.tls.UntrustedException.Reason;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CertPolicyId;
import org.bouncycastle.asn1.x509.CertificatePolicies;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.PolicyInformation;
import org.bouncycastle.asn1.x509.PolicyMappings;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;

/**
 * Certificates that name our CA and that it never signed. Each breaks a rule about policies: to say so is to have gone
 * through what a stranger wrote there, which takes a time that grows with its square.
 */
class PathOfStrangersTest {
    private static final Instant NOW = Instant.parse("2026-12-01T12:00:00Z");
    private static final TestCa CA = TestCa.at(NOW);
    private static final ASN1ObjectIdentifier SOME_POLICY = new ASN1ObjectIdentifier("1.2.3.4");
    private static final CertPolicyId ANY = CertPolicyId.getInstance(Extension.certificatePolicies.branch("0"));

    private final KeyPair strangers = KeyType.P256.generate();
    private final X500Principal ours = CA.certificate().getSubjectX500Principal();
    private final X500Principal middle = new X500Principal("CN=mid");

    @Test
    void knowsThatNobodyVouchesForACaBeforeItGoesThroughItsPolicies() throws Exception {
        X509Certificate mid = badPolicies(ours, middle, strangers, strangers);
        X509Certificate leaf = badPolicies(middle, new X500Principal("CN=leaf"), strangers, strangers);

        assertThat(refusal(Trust.of(CA.certificate()), List.of(leaf, mid))).isEqualTo(Reason.UNKNOWN_CA);
    }

    @Test
    void knowsThatNobodyVouchesForWhatIsBelowACaOfOursBeforeItGoesThroughItsPolicies() throws Exception {
        KeyPair authority = KeyType.P256.generate();
        X500Principal name = new X500Principal("CN=Below");
        X509Certificate below = issue(ours, name, KeyType.P256.generate(), authority, false);
        Trust trust = Trust.of(issue(ours, ours, authority, authority, false));
        X509Certificate mid = badPolicies(name, middle, strangers, strangers);
        X509Certificate leaf = badPolicies(middle, new X500Principal("CN=leaf"), strangers, strangers);

        assertThat(refusal(trust, List.of(leaf, mid, below))).isEqualTo(Reason.UNKNOWN_CA);
    }

    @Test
    void goesThroughThePoliciesOfACaThatOursVouchesFor() throws Exception {
        KeyPair authority = KeyType.P256.generate();
        Trust trust = Trust.of(badPolicies(ours, ours, authority, authority));
        X509Certificate mid = badPolicies(ours, middle, strangers, authority);
        X509Certificate leaf = badPolicies(middle, new X500Principal("CN=leaf"), strangers, strangers);

        assertThat(refusal(trust, List.of(leaf, mid))).isEqualTo(Reason.MALFORMED);
    }

    private static Reason refusal(Trust trust, List<X509Certificate> chain) {
        return catchThrowableOfType(UntrustedException.class, () -> trust.verify(chain, Purpose.CLIENT, NOW))
                .reason();
    }

    private static X509Certificate badPolicies(
            X500Principal issuer, X500Principal subject, KeyPair keys, KeyPair signer) throws Exception {
        return issue(issuer, subject, keys, signer, true);
    }

    private static X509Certificate issue(
            X500Principal issuer, X500Principal subject, KeyPair keys, KeyPair signer, boolean bad) throws Exception {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                issuer,
                BigInteger.TEN,
                Date.from(NOW),
                Date.from(NOW.plus(Duration.ofDays(1))),
                subject,
                keys.getPublic());
        boolean authority = !subject.getName().equals("CN=leaf");
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        builder.addExtension(
                Extension.certificatePolicies, false, new CertificatePolicies(new PolicyInformation(SOME_POLICY)));
        if (bad) {
            builder.addExtension(
                    Extension.policyMappings, false, new PolicyMappings(CertPolicyId.getInstance(SOME_POLICY), ANY));
        }
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate())));
    }
}
