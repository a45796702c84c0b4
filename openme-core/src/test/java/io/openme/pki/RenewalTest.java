package io.openme.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.openme.tls.Identity;
import io.openme.tls.Purpose;
import io.openme.tls.Trust;
import io.openme.tls.UntrustedException;
import io.openme.tls.UntrustedException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RenewalTest {
    private static final Instant NOW = Instant.parse("2026-12-01T12:00:00Z");
    private static final Instant LATER = NOW.plus(Duration.ofDays(800));

    @TempDir
    Path directory;

    @Test
    void issuesTheSameWithANewKeyAndKeepsWhatWasThere() throws Exception {
        make().issueServer("door.example.org", List.of("192.0.2.7", "2001:db8::7"));
        Identity before = read("door.example.org");
        String key = Files.readString(file("door.example.org.key"));

        open(LATER).renew("door.example.org", null, OldCertificate.STAYS);

        Identity after = read("door.example.org");
        assertThat(after.certificate().getNotAfter().toInstant())
                .isEqualTo(LATER.plus(CertificateAuthority.LEAF_LIFETIME));
        assertThat(after.certificate().getSubjectX500Principal())
                .isEqualTo(before.certificate().getSubjectX500Principal());
        assertThat(after.certificate().getSubjectAlternativeNames())
                .hasSize(3)
                .hasToString(before.certificate().getSubjectAlternativeNames().toString());
        assertThat(after.certificate().getExtendedKeyUsage())
                .isEqualTo(before.certificate().getExtendedKeyUsage());
        assertThat(after.certificate().getPublicKey())
                .isNotEqualTo(before.certificate().getPublicKey());
        assertThat(Identity.ofPem(file("door.example.org.crt.old"), file("door.example.org.key.old"))
                        .certificate())
                .isEqualTo(before.certificate());
        assertThat(Identity.tooOpen(file("door.example.org.key.old"))).isEmpty();
        assertThat(Files.readString(file("door.example.org.key.old"))).isEqualTo(key);
        Trust trust = Trust.ofPem(file("ca.crt"));
        assertThat(trust.verify(before.chain(), Purpose.SERVER, LATER).name()).isEqualTo("door.example.org");
        assertThat(trust.verify(after.chain(), Purpose.SERVER, LATER).name()).isEqualTo("door.example.org");
    }

    @Test
    void copiesNothingFromACertificateThatTheCaDidNotSign() throws Exception {
        CaDirectory ca = make();
        X509Certificate alice = ca.issueClient("alice").certificate();
        KeyPair stranger = CertificateAuthority.newKeys();
        JcaX509v3CertificateBuilder forged = new JcaX509v3CertificateBuilder(
                alice.getIssuerX500Principal(),
                alice.getSerialNumber(),
                alice.getNotBefore(),
                alice.getNotAfter(),
                new X500Principal("CN=admin"),
                stranger.getPublic());
        ContentSigner signer = new JcaContentSignerBuilder("SHA256withECDSA").build(stranger.getPrivate());
        Files.write(
                file("alice.crt"),
                Pem.certificate(new JcaX509CertificateConverter().getCertificate(forged.build(signer))));

        assertThatThrownBy(() -> ca.renewWithSameKey("alice", OldCertificate.STAYS))
                .isInstanceOf(CaException.class)
                .hasMessageContainingAll("alice.crt", "did not sign it");
        assertThat(file("alice.crt.old")).doesNotExist();
    }

    @Test
    void losesNoFileHoweverOftenItRenews() throws Exception {
        CaDirectory ca = make();
        Identity first = ca.issueClient("alice");
        X509Certificate second = ca.renew("alice", null, OldCertificate.STAYS);
        X509Certificate third = ca.renewWithSameKey("alice", OldCertificate.STAYS);
        X509Certificate fourth = ca.renew("alice", null, OldCertificate.STAYS);

        assertThat(certificate("alice.crt.old")).isEqualTo(first.certificate());
        assertThat(certificate("alice.crt.old2")).isEqualTo(second);
        assertThat(certificate("alice.crt.old3")).isEqualTo(third);
        assertThat(read("alice").certificate()).isEqualTo(fourth);
        assertThat(Identity.ofPem(file("alice.crt.old3"), file("alice.key.old3"))
                        .certificate())
                .isEqualTo(third);
        assertThat(file("alice.key.old2")).doesNotExist();
    }

    @Test
    void leavesTheKeyWhereItIsIfItStaysTheSame() throws Exception {
        CaDirectory ca = make();
        Identity before = ca.issueClient("alice", "secret".toCharArray());
        byte[] key = Files.readAllBytes(file("alice.key"));
        Files.delete(file("alice.key"));

        X509Certificate after = ca.renewWithSameKey("alice", OldCertificate.STAYS);

        assertThat(after.getPublicKey()).isEqualTo(before.certificate().getPublicKey());
        assertThat(after.getSerialNumber()).isNotEqualTo(before.certificate().getSerialNumber());
        assertThat(file("alice.key")).doesNotExist();
        assertThat(key).isNotEmpty();
    }

    @Test
    void revokesAllThatTheNameHadBeforeAndOnlyThat() throws Exception {
        CaDirectory ca = make();
        Identity bob = ca.issueClient("bob");
        Identity first = ca.issueClient("alice");
        ca.renew("alice", null, OldCertificate.STAYS);
        Identity second = read("alice");

        ca.renew("alice", null, OldCertificate.REVOKED);

        assertThat(refusal(first)).isEqualTo(Reason.REVOKED);
        assertThat(refusal(second)).isEqualTo(Reason.REVOKED);
        assertThat(trust().verify(read("alice").chain(), Purpose.CLIENT, NOW).name())
                .isEqualTo("alice");
        assertThat(trust().verify(bob.chain(), Purpose.CLIENT, NOW).name()).isEqualTo("bob");
    }

    @Test
    void refusesToRenewTheRevokedTheUnknownAndTheMissing() throws Exception {
        CaDirectory ca = make();
        ca.issueClient("alice");
        ca.issueClient("bob");
        ca.revoke("alice");
        Files.delete(file("bob.crt"));
        String index = Files.readString(file("issued.txt"));

        assertThatThrownBy(() -> ca.renew("alice", null, OldCertificate.STAYS))
                .isInstanceOf(CaException.class)
                .hasMessageContaining("is revoked");
        assertThatThrownBy(() -> ca.renewWithSameKey("nobody", OldCertificate.STAYS))
                .isInstanceOf(CaException.class)
                .hasMessageContaining("nothing was issued to nobody");
        assertThatThrownBy(() -> ca.renew("bob", null, OldCertificate.STAYS))
                .isInstanceOf(CaException.class)
                .hasMessageContaining("bob.crt");
        assertThat(Files.readString(file("issued.txt"))).isEqualTo(index);
    }

    @Test
    void encryptsTheNewKeyWhereTheOldOneWas() throws Exception {
        CaDirectory ca = make();
        ca.issueClient("alice", "old secret".toCharArray());

        assertThatThrownBy(() -> ca.renew("alice", null, OldCertificate.STAYS))
                .isInstanceOf(CaException.class)
                .hasMessageContaining("--key-passphrase-file");
        ca.renew("alice", "new secret".toCharArray(), OldCertificate.STAYS);

        assertThat(Identity.ofPem(file("alice.crt"), file("alice.key"), "new secret".toCharArray())
                        .chain())
                .hasSize(1);
        assertThat(Identity.ofPem(file("alice.crt.old"), file("alice.key.old"), "old secret".toCharArray())
                        .chain())
                .hasSize(1);
    }

    @Test
    void renewsTheCaSoThatAllItIssuedStaysGood() throws Exception {
        Identity alice = make().issueClient("alice");
        X509Certificate before = certificate("ca.crt");

        open(LATER).renewAuthority().issueClient("bob");

        X509Certificate after = certificate("ca.crt");
        assertThat(certificate("ca.crt.old")).isEqualTo(before);
        assertThat(after.getPublicKey()).isEqualTo(before.getPublicKey());
        assertThat(after.getSerialNumber()).isNotEqualTo(before.getSerialNumber());
        assertThat(after.getNotAfter().toInstant()).isEqualTo(LATER.plus(CertificateAuthority.AUTHORITY_LIFETIME));
        assertThat(trust().verify(alice.chain(), Purpose.CLIENT, LATER).name()).isEqualTo("alice");
        assertThat(trust().verify(read("bob").chain(), Purpose.CLIENT, LATER).name())
                .isEqualTo("bob");
    }

    @Test
    void renewsACaThatHasExpiredAndTheListThatItsEndCut() {
        make();
        Instant late = NOW.plus(CertificateAuthority.AUTHORITY_LIFETIME);
        open(late.minus(Duration.ofDays(1))).writeCrl();
        assertThat(overview().crlEnd()).contains(late);

        open(late.plus(Duration.ofDays(1))).renewAuthority();

        assertThat(overview().crlEnd()).contains(late.plus(Duration.ofDays(1)).plus(CertificateAuthority.CRL_LIFETIME));
        assertThat(overview().crlNumber()).isEqualTo(3);
    }

    @Test
    void letsTwoCasOfTheSameNameStandInOneFileWhileOneFollowsTheOther() throws Exception {
        CaDirectory old = make();
        Identity alice = old.issueClient("alice");
        Identity mallory = old.issueClient("mallory");
        old.revoke("mallory");
        CaDirectory next = CaDirectory.create(directory.resolve("next"), "openme CA", null, at(NOW));
        Identity bob = next.issueClient("bob");
        Path authorities = join("ca.crt");
        Path lists = join("crl.pem");

        Trust both = Trust.ofPem(authorities).withCrl(lists);

        assertThat(both.verify(alice.chain(), Purpose.CLIENT, NOW).name()).isEqualTo("alice");
        assertThat(both.verify(bob.chain(), Purpose.CLIENT, NOW).name()).isEqualTo("bob");
        assertThat(refusal(both, mallory, NOW)).isEqualTo(Reason.REVOKED);
    }

    @Test
    void writesListsForAsLongAsItIsTold() throws Exception {
        CaDirectory ca = make();

        ca.withCrlLifetime(Duration.ofDays(90)).writeCrl();

        assertThat(overview().crlEnd()).contains(NOW.plus(Duration.ofDays(90)));
        assertThatThrownBy(() -> ca.withCrlLifetime(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }

    private Path join(String name) throws IOException {
        return Files.writeString(
                directory.resolve("both-" + name),
                Files.readString(file(name))
                        + Files.readString(directory.resolve("next").resolve(name)));
    }

    private CaDirectory make() {
        return CaDirectory.create(directory.resolve("pki"), "openme CA", null, at(NOW));
    }

    private CaDirectory open(Instant when) {
        return CaDirectory.open(directory.resolve("pki"), null, at(when));
    }

    private CaOverview overview() {
        return CaDirectory.overview(directory.resolve("pki"));
    }

    private Trust trust() {
        return Trust.ofPem(file("ca.crt")).withCrl(file("crl.pem"));
    }

    private Reason refusal(Identity who) {
        return refusal(trust(), who, NOW);
    }

    private static Reason refusal(Trust trust, Identity who, Instant when) {
        return catchThrowableOfType(UntrustedException.class, () -> trust.verify(who.chain(), Purpose.CLIENT, when))
                .reason();
    }

    private Identity read(String name) {
        return Identity.ofPem(file(name + ".crt"), file(name + ".key"));
    }

    private X509Certificate certificate(String name) throws IOException {
        return Pem.readCertificate(file(name));
    }

    private Path file(String name) {
        return directory.resolve("pki").resolve(name);
    }

    private static Clock at(Instant instant) {
        return Clock.fixed(instant, ZoneOffset.UTC);
    }
}
