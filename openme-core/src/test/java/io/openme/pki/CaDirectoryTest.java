package io.openme.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.openme.tls.CredentialException;
import io.openme.tls.CredentialException.Problem;
import io.openme.tls.Identity;
import io.openme.tls.Purpose;
import io.openme.tls.Trust;
import io.openme.tls.UntrustedException;
import io.openme.tls.UntrustedException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaDirectoryTest {
    private static final Instant NOW = Instant.parse("2026-12-01T12:00:00Z");
    private static final Clock CLOCK = at(NOW);

    @TempDir
    Path temporary;

    @Test
    void issuesWhatItsOwnTrustBelieves() throws Exception {
        CaDirectory ca = make();
        ca.issueClient("alice");
        ca.issueServer("door.example.org", List.of("192.0.2.7", "2001:db8::7"));

        Trust trust = Trust.ofPem(file("ca.crt")).withCrl(file("crl.pem"));

        assertThat(trust.verify(read("alice").chain(), Purpose.CLIENT, NOW).name())
                .isEqualTo("alice");
        assertThat(trust.verify(read("door.example.org").chain(), Purpose.SERVER, NOW)
                        .certificate()
                        .getSubjectAlternativeNames())
                .extracting(each -> (Object) each.get(1))
                .containsExactly("door.example.org", "192.0.2.7", "2001:db8:0:0:0:0:0:7");
    }

    @Test
    void revokesByNameAndRemembersWhoEvenWhenTheFilesAreGone() throws Exception {
        CaDirectory ca = make();
        Identity first = ca.issueClient("alice");
        Files.delete(file("alice.crt"));
        Files.delete(file("alice.key"));
        Identity second = ca.issueClient("alice");
        Identity bob = ca.issueClient("bob");

        assertThat(ca.revoke("alice")).hasSize(2);

        Trust trust = Trust.ofPem(file("ca.crt")).withCrl(file("crl.pem"));
        assertThat(refusal(trust, first)).isEqualTo(Reason.REVOKED);
        assertThat(refusal(trust, second)).isEqualTo(Reason.REVOKED);
        assertThat(trust.verify(bob.chain(), Purpose.CLIENT, NOW).name()).isEqualTo("bob");
        assertThat(CaDirectory.list(pki()))
                .extracting(IssuedCertificate::name, each -> each.revoked().isPresent())
                .containsExactly(tuple("alice", true), tuple("alice", true), tuple("bob", false));
    }

    @Test
    void numbersEachRevocationListHigherThanTheLast() throws Exception {
        CaDirectory ca = make();
        ca.issueClient("alice");
        byte[] before = Files.readAllBytes(file("crl.pem"));
        ca.writeCrl();
        ca.revoke("alice");
        CaDirectory.open(pki(), null, CLOCK).revoke("alice");

        assertThat(Files.readAllBytes(file("crl.pem"))).isNotEqualTo(before);
        assertThat(Files.readString(file("issued.txt"))).startsWith("openme-ca 1 crl-number 4\n");
    }

    @Test
    void refusesToRevokeWhomItDoesNotKnow() throws Exception {
        CaDirectory ca = make();

        assertThatThrownBy(() -> ca.revoke("nobody")).isInstanceOf(CaException.class);
    }

    @Test
    void keepsKeysToTheirOwner() throws Exception {
        make().issueClient("alice");

        assertThat(mode(pki())).isEqualTo("rwx------");
        assertThat(mode(file("ca.key"))).isEqualTo("rw-------");
        assertThat(mode(file("alice.key"))).isEqualTo("rw-------");
        assertThat(Identity.tooOpen(file("alice.key"))).isEmpty();
    }

    @Test
    void encryptsItsKeyWithThePassphrase() throws Exception {
        char[] passphrase = "correct horse ü".toCharArray();
        CaDirectory.create(pki(), "openme CA", passphrase, CLOCK);

        assertThat(Files.readString(file("ca.key"))).startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");
        assertThat(CaDirectory.open(pki(), passphrase, CLOCK)
                        .issueClient("alice")
                        .chain())
                .hasSize(1);
        assertThatThrownBy(() -> CaDirectory.open(pki(), null, CLOCK))
                .isInstanceOfSatisfying(
                        CredentialException.class, e -> assertThat(e.problem()).isEqualTo(Problem.PASSPHRASE_NEEDED));
        assertThatThrownBy(() -> CaDirectory.open(pki(), "wrong".toCharArray(), CLOCK))
                .isInstanceOfSatisfying(
                        CredentialException.class, e -> assertThat(e.problem()).isEqualTo(Problem.PASSPHRASE_WRONG));
    }

    @Test
    void overwritesNothing() throws Exception {
        CaDirectory ca = make();
        ca.issueClient("alice");
        String index = Files.readString(file("issued.txt"));
        String key = Files.readString(file("alice.key"));

        assertThatThrownBy(() -> ca.issueClient("alice"))
                .isInstanceOf(CaException.class)
                .hasMessageContaining("alice.key is there already");
        Files.delete(file("alice.key"));
        assertThatThrownBy(() -> ca.issueServer("alice", List.of()))
                .isInstanceOf(CaException.class)
                .hasMessageContaining("alice.crt is there already");
        assertThatThrownBy(this::make).isInstanceOf(CaException.class).hasMessageContaining("already");

        assertThat(Files.readString(file("issued.txt"))).isEqualTo(index);
        assertThat(file("alice.key")).doesNotExist();
        assertThat(key).contains("PRIVATE KEY");
        assertThat(names())
                .containsExactlyInAnyOrder(".lock", "alice.crt", "ca.crt", "ca.key", "crl.pem", "issued.txt");
    }

    @Test
    void sweepsUpWhatACrashLeft() throws Exception {
        CaDirectory ca = make();
        Files.writeString(file(".new-alice.key"), "half a key");

        ca.issueClient("alice");

        assertThat(names()).noneMatch(name -> name.startsWith(".new-"));
    }

    @Test
    void losesNothingWhenSeveralIssueAtOnce() throws Exception {
        make();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Identity>> issued = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                String name = "client" + i;
                issued.add(threads.submit(
                        () -> CaDirectory.open(pki(), null, CLOCK).issueClient(name)));
            }
            for (Future<Identity> each : issued) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(CaDirectory.list(pki())).hasSize(12);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", "..", "../alice", "a/b", "a\\b", ".hidden", "-rf", "ca", "CA", "a\n", "a b", "ü", "a."})
    void refusesANameThatIsNotSafeForAFile(String name) throws Exception {
        CaDirectory ca = make();

        assertThatThrownBy(() -> ca.issueClient(name)).isInstanceOf(IllegalArgumentException.class);
        assertThat(CaDirectory.list(pki())).isEmpty();
    }

    @Test
    void refusesAServerThatCannotBeReachedByItsName() throws Exception {
        CaDirectory ca = make();

        assertThatThrownBy(() -> ca.issueServer("my_door", List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ca.issueServer("door", List.of("not a host")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a host");
    }

    @Test
    void issuesNoServerForLongerThanSomeSystemsAccept() {
        X509Certificate server = CertificateAuthority.create("openme CA", CLOCK)
                .issueServer("door.example", List.of())
                .certificate();

        assertThat(Duration.between(
                        server.getNotBefore().toInstant(), server.getNotAfter().toInstant()))
                .isLessThanOrEqualTo(Duration.ofDays(825));
    }

    @Test
    void letsNothingOutliveTheCa() throws Exception {
        make();
        Instant late = NOW.plus(CertificateAuthority.AUTHORITY_LIFETIME).minus(Duration.ofDays(10));

        Identity alice = CaDirectory.open(pki(), null, at(late)).issueClient("alice");

        assertThat(alice.certificate().getNotAfter().toInstant())
                .isEqualTo(NOW.plus(CertificateAuthority.AUTHORITY_LIFETIME));
        CaDirectory over = CaDirectory.open(pki(), null, at(late.plus(Duration.ofDays(11))));
        assertThatThrownBy(() -> over.issueClient("bob"))
                .isInstanceOf(CaException.class)
                .hasMessageContaining("expired");
        assertThatThrownBy(over::writeCrl).isInstanceOf(CaException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "nonsense\n", "openme-ca 1 crl-number x\n", "openme-ca 1 crl-number 1\nclientAuth\t1\n"})
    void doesNothingOnceItForgotWhatItIssued(String damaged) throws Exception {
        CaDirectory ca = make();
        Files.writeString(file("issued.txt"), damaged);

        assertThatThrownBy(() -> ca.issueClient("alice"))
                .isInstanceOf(CaException.class)
                .hasMessageContaining("issued.txt is damaged");
        assertThatThrownBy(ca::writeCrl).isInstanceOf(CaException.class);
        Files.delete(file("issued.txt"));
        assertThatThrownBy(ca::writeCrl).isInstanceOf(CaException.class).hasMessageContaining("backup");
    }

    @Test
    void allowsNoCaBelowItself() throws Exception {
        assertThat(CertificateAuthority.create("openme CA", CLOCK).certificate().getBasicConstraints())
                .isZero();
    }

    @Test
    void worksInMemoryAlone() throws Exception {
        CertificateAuthority ca = CertificateAuthority.create("Jürgen's CA", CLOCK);
        Identity alice = ca.issueClient("alice@laptop");

        assertThat(ca.trust().verify(alice.chain(), Purpose.CLIENT, NOW).name()).isEqualTo("alice@laptop");
        assertThatThrownBy(() -> CertificateAuthority.create("a,CN=b")).isInstanceOf(IllegalArgumentException.class);
    }

    private CaDirectory make() {
        return CaDirectory.create(pki(), "openme CA", null, CLOCK);
    }

    private Path pki() {
        return temporary.resolve("pki");
    }

    private Path file(String name) {
        return pki().resolve(name);
    }

    private Identity read(String name) {
        return Identity.ofPem(file(name + ".crt"), file(name + ".key"));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(pki())) {
            return files.map(each -> each.getFileName().toString()).toList();
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static Reason refusal(Trust trust, Identity who) {
        return catchThrowableOfType(UntrustedException.class, () -> trust.verify(who.chain(), Purpose.CLIENT, NOW))
                .reason();
    }

    private static Clock at(Instant instant) {
        return Clock.fixed(instant, ZoneOffset.UTC);
    }
}
