package io.openme.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.openme.testkit.KeyType;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.testkit.TestLeaf;
import io.openme.tls.CredentialException.Problem;
import io.openme.tls.UntrustedException.Reason;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrustTest {
    private static final Instant NOW = Instant.parse("2026-12-01T12:00:00Z");
    private static final TestCa CA = TestCa.at(NOW);
    private static final Trust TRUST = Trust.of(CA.certificate());

    @TempDir
    Path directory;

    @Test
    void believesAClientOfItsCa() throws Exception {
        TestCertificate alice = CA.client("alice").issue();

        Peer peer = TRUST.verify(alice.chain(), Purpose.CLIENT, NOW);

        assertThat(peer.name()).isEqualTo("alice");
        assertThat(peer.certificate()).isEqualTo(alice.certificate());
        assertThat(peer.fingerprint()).hasSize(64).isEqualTo(Peer.fingerprintOf(alice.certificate()));
    }

    @ParameterizedTest
    @EnumSource(names = {"P256", "P384", "RSA_2048", "ED25519"})
    void believesEachGoodKindOfKey(KeyType type) throws Exception {
        TestCa ca = TestCa.create("Other CA", type, NOW, NOW, NOW.plus(Duration.ofDays(10)));
        TestCertificate alice = ca.client("alice").keyType(type).issue();

        assertThat(Trust.of(ca.certificate())
                        .verify(alice.chain(), Purpose.CLIENT, NOW)
                        .name())
                .isEqualTo("alice");
    }

    @Test
    void refusesACertificateThatHasExpired() {
        refuses(CA.client("alice").expired().issue(), Reason.EXPIRED, "alice", "expired at 2026-11-30T12:00:00Z");
    }

    @Test
    void refusesACertificateThatIsNotValidYet() {
        refuses(CA.client("alice").notYetValid().issue(), Reason.NOT_YET_VALID, "alice", "check the clock");
    }

    @Test
    void refusesEveryoneOfACaThatHasExpired() {
        TestCa old = TestCa.create(
                "Old CA", KeyType.P256, NOW, NOW.minus(Duration.ofDays(9)), NOW.minus(Duration.ofSeconds(1)));

        refuses(Trust.of(old.certificate()), old.client("alice").issue(), Reason.EXPIRED, "Old CA");
    }

    @Test
    void takesNoCaWhoseNameConstraintsWouldNotCount() throws Exception {
        KeyPair keys = KeyType.P256.generate();
        X500Principal name = new X500Principal("CN=Narrow CA");
        X509Certificate narrow = new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                name,
                                BigInteger.ONE,
                                Date.from(NOW),
                                Date.from(NOW.plus(Duration.ofDays(10))),
                                name,
                                keys.getPublic())
                        .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                        .addExtension(
                                Extension.nameConstraints,
                                true,
                                new NameConstraints(
                                        new GeneralSubtree[] {
                                            new GeneralSubtree(new GeneralName(GeneralName.dNSName, "example.org"))
                                        },
                                        null))
                        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));

        assertThatThrownBy(() -> Trust.of(CA.certificate(), narrow))
                .isInstanceOfSatisfying(
                        CredentialException.class, e -> assertThat(e.problem()).isEqualTo(Problem.UNUSABLE))
                .hasMessageContaining("(Narrow CA) has name constraints");
    }

    @Test
    void refusesAClientOfAnotherCaEvenOfTheSameName() {
        refuses(TestCa.at(NOW).client("alice").issue(), Reason.UNKNOWN_CA, "alice", "Test CA");
        refuses(
                TestCa.create("Elsewhere", KeyType.P256).client("alice").issue(),
                Reason.UNKNOWN_CA,
                "alice",
                "Elsewhere");
    }

    @Test
    void refusesACertificateForTheOtherPurposeForAnyPurposeAndForNone() {
        refuses(CA.server("alice").issue(), Reason.WRONG_PURPOSE, "clientAuth is needed");
        refuses(CA.client("alice").purposes(TestLeaf.ANY_PURPOSE).issue(), Reason.WRONG_PURPOSE, "clientAuth");
        refuses(CA.client("alice").purposes().issue(), Reason.WRONG_PURPOSE, "is missing");
        refuses(CA.client("alice").mayNotSign().issue(), Reason.WRONG_PURPOSE, "digitalSignature");
    }

    @Test
    void refusesAClientWhereAServerIsExpected() {
        assertThat(refusal(TRUST, CA.client("alice").issue(), Purpose.SERVER)).isEqualTo(Reason.WRONG_PURPOSE);
    }

    @Test
    void refusesACaAsAPeer() {
        refuses(CA.asLeaf(), Reason.WRONG_PURPOSE, "is a CA's");
        refuses(CA.client("alice").claimsToBeAnAuthority().issue(), Reason.WRONG_PURPOSE, "is a CA's");
    }

    @Test
    void refusesWeakSignaturesAndKeys() {
        refuses(CA.client("alice").signedWith("SHA1withECDSA").issue(), Reason.WEAK, "alice");
        refuses(CA.client("alice").keyType(KeyType.RSA_1024).issue(), Reason.WEAK, "alice");
        TestCa weak = TestCa.create("Weak CA", KeyType.RSA_1024, NOW, NOW, NOW.plus(Duration.ofDays(10)));
        refuses(Trust.of(weak.certificate()), weak.client("alice").issue(), Reason.WEAK, "Weak CA");
    }

    @Test
    void believesAClientOfACaBelowItsOwnInAnyOrder() throws Exception {
        TestCa below = CA.intermediate("Below");
        TestCertificate alice = below.client("alice").issue();

        assertThat(TRUST.verify(alice.chain(), Purpose.CLIENT, NOW).name()).isEqualTo("alice");
        assertThat(TRUST.verify(
                                List.of(alice.certificate(), CA.certificate(), below.certificate()),
                                Purpose.CLIENT,
                                NOW)
                        .name())
                .isEqualTo("alice");
    }

    @Test
    void refusesAClientWhoseCaBelowIsMissingOrIsNoCa() {
        TestCa below = CA.intermediate("Below");
        TestCertificate alice = below.client("alice").issue();
        TestCertificate leaf = CA.client("Below").issue();

        assertThat(refusal(TRUST, List.of(alice.certificate()), Purpose.CLIENT)).isEqualTo(Reason.UNKNOWN_CA);
        assertThat(refusal(TRUST, List.of(alice.certificate(), leaf.certificate()), Purpose.CLIENT))
                .isEqualTo(Reason.UNKNOWN_CA);
    }

    @Test
    void ignoresAFewJunkCertificatesAndRefusesMany() throws Exception {
        assertThat(TRUST.verify(CA.client("alice").junkChain(3).issue().chain(), Purpose.CLIENT, NOW)
                        .name())
                .isEqualTo("alice");
        refuses(CA.client("alice").junkChain(4).issue(), Reason.MALFORMED, "5 certificates");
    }

    @Test
    void keepsOfWhatAPeerSentOnlyWhatVouchesForIt() throws Exception {
        TestCa below = CA.intermediate("Below");
        TestCertificate alice = below.client("alice").junkChain(2).issue();
        List<X509Certificate> sent = new ArrayList<>(alice.chain());
        sent.add(1, sent.remove(3));

        assertThat(TRUST.verify(sent, Purpose.CLIENT, NOW).chain())
                .containsExactly(alice.certificate(), below.certificate());
    }

    @Test
    void saysThatAPeerIsGoodUntilTheFirstOfThoseThatVouchForItEnds() throws Exception {
        Instant end = NOW.plus(Duration.ofDays(5));
        TestCa old = TestCa.create("Old CA", KeyType.P256, NOW, NOW, end);

        TestCertificate alice = old.intermediate("Below").client("alice").issue();
        assertThat(alice.certificate().getNotAfter().toInstant()).isAfter(end);
        assertThat(Trust.of(old.certificate())
                        .verify(alice.chain(), Purpose.CLIENT, NOW)
                        .end())
                .isEqualTo(end);
    }

    @Test
    void refusesAPeerWithoutACertificate() {
        assertThat(refusal(TRUST, List.of(), Purpose.CLIENT)).isEqualTo(Reason.MALFORMED);
    }

    @Test
    void believesWhatEasyRsaMade() throws Exception {
        Trust trust = Trust.ofPem(EasyRsa.file("ca.crt"));

        assertThat(trust.verify(easyRsa("client"), Purpose.CLIENT, EasyRsa.THEN).name())
                .isEqualTo("client");
        assertThat(trust.verify(easyRsa("server"), Purpose.SERVER, EasyRsa.THEN).name())
                .isEqualTo("server");
        UntrustedException refusal = catchThrowableOfType(
                UntrustedException.class, () -> trust.verify(easyRsa("expired"), Purpose.CLIENT, EasyRsa.THEN));
        assertThat(refusal.reason()).isEqualTo(Reason.EXPIRED);
    }

    @Test
    void heedsTheRevocationListOfEasyRsaUntilItEndsAndThenRefusesEveryone() throws Exception {
        Trust trust = Trust.ofPem(EasyRsa.file("ca.crt")).withCrl(EasyRsa.file("crl.pem"));
        Instant end = Instant.parse("2027-05-22T06:04:56Z");

        assertThat(trust.revocationsEnd()).contains(end);
        assertThat(trust.verify(easyRsa("client"), Purpose.CLIENT, end).name()).isEqualTo("client");
        assertThat(refusalAt(trust, easyRsa("revoked"), end)).isEqualTo(Reason.REVOKED);
        assertThat(refusalAt(trust, easyRsa("client"), end.plusSeconds(1))).isEqualTo(Reason.CRL_STALE);
        assertThat(refusalAt(trust, easyRsa("revoked"), end.plusSeconds(1))).isEqualTo(Reason.REVOKED);
    }

    @Test
    void readsARevocationListInDer() throws Exception {
        TestCertificate alice = CA.client("alice").issue();
        Path crl =
                Files.write(directory.resolve("crl.der"), CA.crl().revoke(alice).der());

        refuses(TRUST.withCrl(crl), alice, Reason.REVOKED, "alice");
        assertThat(TRUST.withCrl(crl)
                        .verify(CA.client("bob").issue().chain(), Purpose.CLIENT, NOW)
                        .name())
                .isEqualTo("bob");
    }

    @Test
    void refusesARevocationListThatItsCaDidNotSign() {
        Path forged = TestCa.at(NOW).crl().writeTo(directory);

        assertThatThrownBy(() -> TRUST.withCrl(forged))
                .isInstanceOfSatisfying(
                        CredentialException.class, e -> assertThat(e.problem()).isEqualTo(Problem.MISMATCH))
                .hasMessageContaining(forged.toString());
    }

    @Test
    void refusesASecondRevocationListOfTheSameCa() throws IOException {
        Path two = Files.writeString(
                directory.resolve("two.pem"),
                CA.crl().pem() + CA.crl().number(2).pem());

        assertThatThrownBy(() -> TRUST.withCrl(two))
                .isInstanceOf(CredentialException.class)
                .hasMessageContaining("two revocation lists");
    }

    @Test
    void refusesTheClientsOfACaWithoutAListOnceListsAreInUse() throws Exception {
        TestCa other = TestCa.create("Other CA", KeyType.P256, NOW, NOW, NOW.plus(Duration.ofDays(99)));
        Trust both =
                Trust.of(CA.certificate(), other.certificate()).withCrl(CA.crl().writeTo(directory));

        assertThat(both.verify(CA.client("alice").issue().chain(), Purpose.CLIENT, NOW)
                        .name())
                .isEqualTo("alice");
        refuses(both, other.client("bob").issue(), Reason.CRL_MISSING, "Other CA");
    }

    @Test
    void tellsTwoCasOfOneNameApartByTheirKeys() throws Exception {
        TestCa renewed = TestCa.at(NOW);
        TestCertificate alice = renewed.client("alice").issue();
        Path list = CA.crl().revoke(alice).writeTo(directory);
        Path both = Files.writeString(
                directory.resolve("both.pem"),
                Files.readString(list) + renewed.crl().pem());
        Trust trust = Trust.of(CA.certificate(), renewed.certificate());

        assertThat(trust.withCrl(both)
                        .verify(alice.chain(), Purpose.CLIENT, NOW)
                        .name())
                .isEqualTo("alice");
        refuses(trust.withCrl(list), alice, Reason.CRL_MISSING, "Test CA");
    }

    @Test
    void refusesALeafAsACa() {
        CA.server("server").issue().writeTo(directory);

        assertThatThrownBy(() -> Trust.ofPem(directory.resolve("server.crt")))
                .isInstanceOf(CredentialException.class)
                .hasMessageContainingAll("server.crt", "not a CA's");
        assertThatThrownBy(() -> Trust.of()).isInstanceOf(CredentialException.class);
    }

    @Test
    void readsABundleOfCas() throws IOException {
        Path bundle = Files.writeString(
                directory.resolve("bundle.pem"),
                "# ours\n" + CA.pem() + "# theirs\n" + Files.readString(EasyRsa.file("ca.crt")));

        assertThat(Trust.ofPem(bundle).authorities()).hasSize(2);
        assertThat(Trust.ofPem(bundle).toString()).contains("Test CA", "Easy-RSA CA");
    }

    private static List<X509Certificate> easyRsa(String name) {
        return new ArrayList<>(PemFile.read(EasyRsa.file(name + ".crt"), "").certificates());
    }

    private static void refuses(TestCertificate peer, Reason reason, String... words) {
        refuses(TRUST, peer, reason, words);
    }

    private static void refuses(Trust trust, TestCertificate peer, Reason reason, String... words) {
        assertThatThrownBy(() -> trust.verify(peer.chain(), Purpose.CLIENT, NOW))
                .isInstanceOfSatisfying(
                        UntrustedException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .message()
                .contains(words);
    }

    private static Reason refusal(Trust trust, TestCertificate peer, Purpose purpose) {
        return refusal(trust, peer.chain(), purpose);
    }

    private static Reason refusal(Trust trust, List<X509Certificate> chain, Purpose purpose) {
        return catchThrowableOfType(UntrustedException.class, () -> trust.verify(chain, purpose, NOW))
                .reason();
    }

    private static Reason refusalAt(Trust trust, List<X509Certificate> chain, Instant at) {
        return catchThrowableOfType(UntrustedException.class, () -> trust.verify(chain, Purpose.CLIENT, at))
                .reason();
    }
}
