package io.openme.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.openme.internal.x509.Nested;
import io.openme.tls.CredentialException;
import io.openme.tls.CredentialException.Problem;
import io.openme.tls.Identity;
import io.openme.tls.Purpose;
import io.openme.tls.Trust;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Directories like those of easy-rsa with what a real one rarely shows; {@link EasyRsaIT} has a real one. */
class EasyRsaImportTest {
    private static final Instant NOW = Instant.parse("2026-12-01T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final String VALID = "V\t290225144807Z\t\t%s\tunknown\t/CN=%s\n";
    private static final String REVOKED = "R\t290225144807Z\t261123144808Z%s\t%s\tunknown\t/CN=%s\n";

    @TempDir
    Path temporary;

    private final StringBuilder index = new StringBuilder();
    private CertificateAuthority authority = CertificateAuthority.create("Easy-RSA CA", CLOCK);
    private Path source = Path.of("");

    @BeforeEach
    void makeAnEmptyOne() throws IOException {
        source = Files.createDirectories(temporary.resolve("easy-rsa/pki"));
        for (String each : List.of("private", "issued", "revoked/certs_by_serial")) {
            Files.createDirectories(source.resolve(each));
        }
        Files.write(source.resolve("ca.crt"), Pem.certificate(authority.certificate()));
        Files.write(
                source.resolve("private/ca.key"), Pem.key(authority.identity().privateKey(), null));
    }

    @Test
    void takesOverWhoIsValidAndWhoIsRevokedEvenWhereOnlyTheIndexKnows() throws Exception {
        Identity alice = issue("alice", "issued/alice.crt");
        index.append(REVOKED.formatted("", "0A", "gone"));
        index.append(REVOKED.formatted(",keyCompromise", "0B", "stolen"));
        index.append("E\t20200101000000Z\t\t0C\tunknown\t/C=DE/O=Home/CN=over/emailAddress=o@example.org\n");

        CaDirectory ca = take();

        assertThat(CaDirectory.list(target()))
                .extracting(
                        IssuedCertificate::name,
                        IssuedCertificate::purpose,
                        IssuedCertificate::serial,
                        IssuedCertificate::revoked)
                .containsExactly(
                        tuple("alice", Optional.of(Purpose.CLIENT), serial(alice), Optional.empty()),
                        tuple(
                                "gone",
                                Optional.empty(),
                                BigInteger.TEN,
                                Optional.of(Instant.parse("2026-11-23T14:48:08Z"))),
                        tuple(
                                "stolen",
                                Optional.empty(),
                                BigInteger.valueOf(11),
                                Optional.of(Instant.parse("2026-11-23T14:48:08Z"))),
                        tuple("over", Optional.empty(), BigInteger.valueOf(12), Optional.empty()));
        assertThat(revokedByTheList()).containsExactlyInAnyOrder(BigInteger.TEN, BigInteger.valueOf(11));
        ca.revoke("over");
        assertThat(revokedByTheList()).contains(BigInteger.valueOf(12));
        assertThat(Identity.ofPem(target().resolve("alice.crt"), target().resolve("alice.key"))
                        .certificate())
                .isEqualTo(alice.certificate());
    }

    @Test
    void staysOnTheSafeSideWhereItsThreePlacesDisagree() throws Exception {
        Identity listed = issue("listed", "issued/listed.crt");
        Identity unlisted = authority.issueClient("unlisted");
        Files.write(source.resolve("issued/unlisted.crt"), Pem.certificate(unlisted.certificate()));
        // On the list of the revoked, but valid by the index; and one that only the list knows.
        writeCrl(List.of(revoked(serial(listed)), revoked(BigInteger.valueOf(0xabc))), 41);

        CaDirectory ca = take();

        assertThat(revokedByTheList()).containsExactlyInAnyOrder(serial(listed), BigInteger.valueOf(0xabc));
        assertThat(CaDirectory.list(target()))
                .extracting(IssuedCertificate::name)
                .containsExactly("listed", "unlisted", "abc");
        assertThat(CaDirectory.overview(target()).crlNumber()).isEqualTo(42);
        ca.revoke("unlisted");
        assertThat(revokedByTheList()).contains(serial(unlisted));
    }

    @Test
    void goesOnFromTheNextNumberThatOpensslNoted() throws Exception {
        writeCrl(List.of(), 3);
        Files.writeString(source.resolve("crlnumber"), "1F\n");

        take();

        assertThat(CaDirectory.overview(target()).crlNumber()).isEqualTo(0x1f);
    }

    @Test
    void keepsNamesThatAreNoneForFilesHere() throws Exception {
        Identity bob = issue("bob", "issued/bob smith.crt");
        Identity ca2 = issue("xca", "issued/ca.crt");
        index.append(REVOKED.formatted("", "0A", "\\xC3\\xBC\\x1B[31m/home"));

        CaDirectory ca = take();

        assertThat(CaDirectory.list(target()))
                .extracting(IssuedCertificate::name)
                .containsExactly("bob smith", "ca", "ü?[31m/home");
        String file = Names.file("bob smith");
        assertThat(file).matches("imported-bob_smith-[0-9a-f]{8}");
        assertThat(Identity.ofPem(target().resolve(file + ".crt"), target().resolve(file + ".key"))
                        .certificate())
                .isEqualTo(bob.certificate());
        assertThat(Pem.readCertificate(target().resolve("ca.crt"))).isEqualTo(authority.certificate());
        assertThat(ca.renew("bob smith", null, OldCertificate.STAYS).getSubjectX500Principal())
                .isEqualTo(bob.certificate().getSubjectX500Principal());
        assertThat(target().resolve(file + ".key.old")).exists();
        ca.revoke("ca");
        assertThat(revokedByTheList()).contains(serial(ca2));
    }

    @Test
    void onlyReadsTheSource() throws Exception {
        issue("alice", "issued/alice.crt");
        writeCrl(List.of(), 1);
        writeIndex();
        Map<String, String> before = snapshot();

        CaDirectory ca = CaDirectory.importEasyRsa(source, target(), null, CLOCK);
        ca.issueClient("bob");
        ca.revoke("alice");

        assertThat(snapshot()).isEqualTo(before).hasSizeGreaterThan(4);
    }

    @Test
    void keepsTheKeyOfTheCaEncrypted() throws Exception {
        Files.write(
                source.resolve("private/ca.key"), Pem.key(authority.identity().privateKey(), "secret".toCharArray()));
        index.append(VALID.formatted("0A", "alice"));

        assertThatThrownBy(this::take)
                .isInstanceOfSatisfying(
                        CredentialException.class, e -> assertThat(e.problem()).isEqualTo(Problem.PASSPHRASE_NEEDED));
        assertThat(target()).doesNotExist();
        writeIndex();
        CaDirectory.importEasyRsa(source, target(), "secret".toCharArray(), CLOCK);

        assertThat(Files.readString(target().resolve("ca.key"))).contains("ENCRYPTED");
        CaDirectory.open(target(), "secret".toCharArray(), CLOCK).issueClient("bob");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense\n",
                "X\t290225144807Z\t\t0A\tunknown\t/CN=a\n",
                "R\t290225144807Z\t\t0A\tunknown\t/CN=a\n",
                "V\t291325144807Z\t\t0A\tunknown\t/CN=a\n",
                "V\t290225144807Z\t\tnone\tunknown\t/CN=a\n",
                "V\t290225144807Z\t\t0A\n"
            })
    void refusesAnIndexThatItDoesNotUnderstand(String line) {
        index.append(VALID.formatted("01", "alice")).append(line);

        assertThatThrownBy(this::take)
                .isInstanceOf(CaException.class)
                .hasMessageContaining("index.txt is damaged: line 2");
        assertThat(target()).doesNotExist();
    }

    @Test
    void refusesWhatIsNoEasyRsaAndWhatIsThereAlready() throws Exception {
        assertThatThrownBy(() -> CaDirectory.importEasyRsa(temporary, target(), null, CLOCK))
                .isInstanceOf(CaException.class)
                .hasMessageContaining("no easy-rsa PKI");
        writeIndex();
        CaDirectory.importEasyRsa(temporary.resolve("easy-rsa"), target(), null, CLOCK);
        assertThatThrownBy(this::take).isInstanceOf(CaException.class).hasMessageContaining("there already");
        Files.write(
                source.resolve("crl.pem"),
                Pem.revocationList(CertificateAuthority.create("Easy-RSA CA", CLOCK)
                        .revocationList(List.of(), BigInteger.ONE, Duration.ofDays(9))));
        assertThatThrownBy(() -> CaDirectory.importEasyRsa(source, temporary.resolve("other"), null, CLOCK))
                .isInstanceOf(CaException.class)
                .hasMessageContaining("not of this CA");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ca.crt",
                "private/ca.key",
                "private/alice.key",
                "issued/alice.crt",
                "index.txt",
                "crlnumber",
                "crl.pem"
            })
    void followsNoLinkToAFileElsewhere(String file) throws IOException {
        issue("alice", "issued/alice.crt");
        writeIndex();
        Path link = source.resolve(file);
        Path elsewhere = temporary.resolve("elsewhere");
        if (Files.exists(link)) {
            Files.move(link, elsewhere);
        } else {
            Files.writeString(elsewhere, "1F");
        }
        Files.createSymbolicLink(link, elsewhere);

        assertThatThrownBy(() -> CaDirectory.importEasyRsa(source, target(), null, CLOCK))
                .isInstanceOf(CaException.class)
                .hasMessageContaining(link + " is a link to " + elsewhere);
        assertThat(target()).doesNotExist();
    }

    @Test
    void readsNoEndlessFile() throws IOException {
        Files.write(source.resolve("crlnumber"), new byte[200]);

        assertThatThrownBy(this::take).isInstanceOf(CaException.class).hasMessageContaining("is larger than");
    }

    @ParameterizedTest
    @ValueSource(strings = {"issued/alice.crt", "crl.pem"})
    void namesTheFileThatIsNestedTooDeeply(String file) throws IOException {
        Files.write(source.resolve(file), Nested.sequences());

        assertThatThrownBy(this::take)
                .isInstanceOf(CaException.class)
                .hasMessageContaining(source.resolve(file).toString());
    }

    private CaDirectory take() throws IOException {
        writeIndex();
        return CaDirectory.importEasyRsa(source, target(), null, CLOCK);
    }

    private void writeIndex() throws IOException {
        Files.writeString(source.resolve("index.txt"), index);
    }

    private Path target() {
        return temporary.resolve("pki");
    }

    /** Issues to this name, and puts the certificate where easy-rsa has it. */
    private Identity issue(String name, String file) throws IOException {
        Identity identity = authority.issueClient(name);
        Path certificate = source.resolve(file);
        Files.write(certificate, Pem.certificate(identity.certificate()));
        String key = certificate.getFileName().toString().replace(".crt", ".key");
        if (!key.equals("ca.key")) {
            Files.write(source.resolve("private").resolve(key), Pem.key(identity.privateKey(), null));
        }
        index.append(VALID.formatted(serial(identity).toString(16).toUpperCase(Locale.ROOT), name));
        return identity;
    }

    private void writeCrl(List<IssuedCertificate> revoked, long number) throws IOException {
        byte[] list = authority.revocationList(revoked, BigInteger.valueOf(number), Duration.ofDays(180));
        Files.write(source.resolve("crl.pem"), Pem.revocationList(list));
    }

    private static IssuedCertificate revoked(BigInteger serial) {
        return new IssuedCertificate("any", Optional.empty(), serial, NOW, Optional.of(NOW));
    }

    /** What the new list says, once it is known that the CA signed it. */
    private List<BigInteger> revokedByTheList() throws Exception {
        Path list = target().resolve("crl.pem");
        Trust.of(authority.certificate()).withCrl(list);
        try (InputStream in = Files.newInputStream(list)) {
            X509CRL read = (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(in);
            return read.getRevokedCertificates().stream()
                    .map(X509CRLEntry::getSerialNumber)
                    .toList();
        }
    }

    private Map<String, String> snapshot() throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (Stream<Path> files = Files.walk(source)) {
            for (Path each : files.toList()) {
                all.put(
                        each.toString(),
                        Files.getLastModifiedTime(each) + (Files.isRegularFile(each) ? Files.readString(each) : ""));
            }
        }
        return all;
    }

    private static BigInteger serial(Identity identity) {
        return identity.certificate().getSerialNumber();
    }
}
