package io.openme.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.pki.CertificateAuthority;
import io.openme.tls.Identity;
import io.openme.tls.Purpose;
import io.openme.tls.Trust;
import io.openme.tls.UntrustedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaCommandsTest {
    @TempDir
    private Path directory = Path.of("");

    private Path pki = Path.of("");

    @BeforeEach
    void nameTheDirectory() {
        pki = directory.resolve("pki");
    }

    @Test
    void issuesCertificatesThatThePeersBelieve() throws UntrustedException {
        assertThat(ca("init", "--no-passphrase").out()).contains("its key is NOT encrypted");
        assertThat(ca("server", "localhost", "127.0.0.1", "2001:db8::9").exitCode())
                .isZero();
        assertThat(ca("client", "alice").out()).contains("Issued " + pki.resolve("alice.crt") + " and ");

        Trust trust = Trust.ofPem(pki.resolve("ca.crt")).withCrl(pki.resolve("crl.pem"));
        assertThat(trust.verify(identity("localhost").chain(), Purpose.SERVER, Instant.now())
                        .name())
                .isEqualTo("localhost");
        assertThat(trust.verify(identity("alice").chain(), Purpose.CLIENT, Instant.now())
                        .name())
                .isEqualTo("alice");
        assertThat(Identity.tooOpen(pki.resolve("alice.key"))).isEmpty();
    }

    @Test
    void asksForThePassphraseOfANewCaTwiceAndOfAnOldOneOnce() {
        Run made = answering(List.of("open sesame", "open sesame"), "init");
        assertThat(made.exitCode()).as(made.err()).isZero();
        assertThat(made.out()).contains("its key is encrypted").doesNotContain("sesame");

        assertThat(answering(List.of("open sesame"), "client", "alice").exitCode())
                .isZero();
        Run wrong = answering(List.of("open barley"), "client", "bob");
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).doesNotContain("barley");
        assertThat(pki.resolve("bob.crt")).doesNotExist();
    }

    @Test
    void takesThePassphraseFromAFile() throws IOException {
        String secret = Files.writeString(directory.resolve("secret"), "open sesame\r\nno more\n")
                .toString();

        assertThat(ca("init", "--passphrase-file", secret).exitCode()).isZero();
        assertThat(ca("client", "alice", "--passphrase-file", secret).exitCode())
                .isZero();
        assertThat(answering(List.of("open sesame"), "crl").exitCode()).isZero();
    }

    @Test
    void refusesAPassphraseThatIsTypedDifferentlyOrNotAtAll() throws IOException {
        Run different = answering(List.of("one", "two"), "init");
        assertThat(different.exitCode()).isEqualTo(2);
        assertThat(different.err()).contains("the two passphrases are not the same");

        Run nobody = ca("init");
        assertThat(nobody.exitCode()).isEqualTo(2);
        assertThat(nobody.err())
                .contains("nobody answers at a terminal; give --passphrase-file FILE, or --no-passphrase");

        Path empty = Files.createFile(directory.resolve("empty"));
        Run nothing = ca("init", "--passphrase-file", empty.toString());
        assertThat(nothing.exitCode()).isEqualTo(2);
        assertThat(nothing.err()).contains("the first line of the passphrase file " + empty + " is empty");

        Run both = ca("init", "--no-passphrase", "--passphrase-file", empty.toString());
        assertThat(both.exitCode()).isEqualTo(2);
        assertThat(pki).doesNotExist();
    }

    @Test
    void listsAndRevokes() {
        ca("init", "--no-passphrase");
        ca("client", "alice");
        ca("client", "bob");

        Run revoked = ca("revoke", "alice");

        assertThat(revoked.out()).startsWith("Revoked 1 certificate of alice");
        assertThat(ca("list").out().lines().toList())
                .hasSize(5)
                .satisfies(lines -> assertThat(lines.get(1)).matches("alice +client +\\S+ +revoked +[0-9a-f]+"))
                .satisfies(lines -> assertThat(lines.get(2)).matches("bob +client +\\S+ +issued +[0-9a-f]+"))
                .satisfies(lines -> assertThat(lines.get(3)).matches("\\(the CA itself\\) +- +\\S+ +issued +[0-9a-f]+"))
                .satisfies(
                        lines -> assertThat(lines.get(4)).matches("\\(revocation list\\) +- +\\S+ +issued +number 2"));
        assertThat(ca("list", "--json").out())
                .matches("\\{\"ca\":\\{\"notAfter\":\"[^\"]+\",\"state\":\"issued\"},\"crl\":\\{\"number\":2,"
                        + "\"notAfter\":\"[^\"]+\",\"state\":\"issued\"},\"issued\":\\["
                        + "\\{\"name\":\"alice\",\"purpose\":\"client\",\"serial\":\"[0-9a-f]+\",\"notAfter\":\"[^\"]+\","
                        + "\"state\":\"revoked\",\"revoked\":\"[^\"]+\"},\\{\"name\":\"bob\",[^}]+}]}\\R");
        assertThat(ca("crl").out()).contains("Wrote " + pki.resolve("crl.pem"));
    }

    @Test
    void overwritesNothing() {
        ca("init", "--no-passphrase");
        ca("client", "alice");

        assertThat(ca("init", "--no-passphrase").exitCode()).isEqualTo(2);
        Run again = ca("client", "alice");
        assertThat(again.exitCode()).isEqualTo(2);
        assertThat(again.err()).contains("is there already, and is not overwritten");
    }

    @Test
    void saysWhatIsWrongWithANameAndADirectory() {
        assertThat(ca("list").err()).contains("there is no CA in " + pki);
        assertThat(answering(List.of("x", "x"), "export", "alice", "--p12", "alice.p12")
                        .err())
                .contains("there is no CA in " + pki);
        assertThat(ca("import", directory.toString()).err()).contains("there is no easy-rsa PKI in " + directory);
        assertThat(pki).doesNotExist();
        ca("init", "--no-passphrase");
        assertThat(ca("client", "../alice").err()).contains("\"../alice\" is no name for a certificate");
        assertThat(ca("client", "../alice").exitCode()).isEqualTo(2);
        assertThat(ca("revoke", "nobody").exitCode()).isEqualTo(2);
        assertThat(ca("server").err()).contains("Missing required parameter");
        assertThat(ca().exitCode()).isEqualTo(2);
    }

    @Test
    void marksWhatExpiresSoonAndListsThatAlone() {
        Duration life = CertificateAuthority.LEAF_LIFETIME;
        ca("init", "--no-passphrase");
        ca("client", "alice");
        ca("client", "bob");
        ca("client", "carol");
        ca("revoke", "carol");
        at(life.minusDays(40), "renew", "alice");

        assertThat(states(at(life.minusDays(31), "list")))
                .containsExactly("issued", "issued", "revoked", "issued", "issued", "expired");
        assertThat(states(at(life.minusDays(29), "list")))
                .containsExactly("replaced", "expires soon", "revoked", "issued", "issued", "expired");
        assertThat(states(at(life.plusDays(1), "list")))
                .containsExactly("replaced", "expired", "revoked", "issued", "issued", "expired");
        assertThat(at(life.minusDays(60), "list", "--expiring", "90d").out())
                .contains("bob")
                .doesNotContain("alice", "carol");
        assertThat(at(life.minusDays(29), "list", "--expiring", "30d", "--json").out())
                .contains("\"issued\":[{\"name\":\"bob\"", "\"state\":\"expires soon\"}]}")
                .doesNotContain("alice");
        assertThat(at(life.minusDays(60), "list", "--expiring", "30d").out()).doesNotContain("bob");
    }

    @Test
    void renewsACertificateAndTheCa() throws Exception {
        ca("init", "--no-passphrase");
        ca("client", "alice");
        Identity before = identity("alice");

        assertThat(ca("renew", "alice", "--same-key").out()).contains("its key is the same");
        assertThat(ca("renew", "alice", "--revoke-old").out())
                .contains("its key is new", "The old one is revoked: now bring " + pki.resolve("crl.pem"));
        assertThat(ca("renew", "--ca").out()).contains("Renewed the CA in " + pki);

        assertThat(Identity.ofPem(pki.resolve("alice.crt.old"), pki.resolve("alice.key.old2"))
                        .certificate())
                .isEqualTo(before.certificate());
        assertThat(pki.resolve("ca.crt.old")).exists();
        Trust trust = Trust.ofPem(pki.resolve("ca.crt")).withCrl(pki.resolve("crl.pem"));
        assertThat(trust.verify(identity("alice").chain(), Purpose.CLIENT, Instant.now())
                        .name())
                .isEqualTo("alice");
        assertThatThrownBy(() -> trust.verify(before.chain(), Purpose.CLIENT, Instant.now()))
                .isInstanceOf(UntrustedException.class)
                .hasMessageContaining("revoked");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "renew",
                "renew alice --ca",
                "renew --ca --same-key",
                "renew --ca --revoke-old",
                "renew alice --same-key --encrypt-key",
                "renew alice --encrypt-key --key-passphrase-file x",
                "crl --lifetime 0s",
                "crl --lifetime 5s",
                "list --expiring soon",
                "export alice"
            })
    void refusesOptionsThatMakeNoSense(String line) throws IOException {
        ca("init", "--no-passphrase");
        ca("client", "alice");
        String index = Files.readString(pki.resolve("issued.txt"));

        assertThat(ca(line.split(" ")).exitCode()).isEqualTo(2);
        assertThat(Files.readString(pki.resolve("issued.txt"))).isEqualTo(index);
    }

    @Test
    void encryptsTheKeysOfClientsAndServers() throws IOException {
        String secret =
                Files.writeString(directory.resolve("secret"), "open sesame\n").toString();
        ca("init", "--no-passphrase");

        assertThat(ca("client", "alice", "--key-passphrase-file", secret).exitCode())
                .isZero();
        assertThat(answering(List.of("open barley", "open barley"), "server", "localhost", "--encrypt-key")
                        .exitCode())
                .isZero();
        assertThat(ca("client", "bob", "--encrypt-key").err())
                .contains("nobody answers at a terminal; give --key-passphrase-file FILE");

        assertThat(opens("alice", "open sesame")).isTrue();
        assertThat(opens("localhost", "open barley")).isTrue();
        assertThat(pki.resolve("bob.crt")).doesNotExist();
        assertThat(ca("renew", "alice").err()).contains("is encrypted, so the new one has to be");
        assertThat(answering(List.of("one", "one"), "renew", "alice", "--encrypt-key")
                        .exitCode())
                .isZero();
        assertThat(opens("alice", "one")).isTrue();
    }

    @Test
    void exportsForPhonesAndAsksForWhatItNeeds() throws IOException {
        String secret =
                Files.writeString(directory.resolve("secret"), "open sesame\n").toString();
        Path modern = directory.resolve("alice.p12");
        Path compatible = directory.resolve("old.p12");
        ca("init", "--no-passphrase");
        ca("client", "alice", "--key-passphrase-file", secret);

        Run asked = answering(List.of("to go", "to go", "open sesame"), "export", "alice", "--p12", modern.toString());
        Run told = ca(
                "export",
                "alice",
                "--compatible",
                "--p12",
                compatible.toString(),
                "--export-passphrase-file",
                secret,
                "--key-passphrase-file",
                secret);

        Run umlaut = answering(
                List.of("süß", "süß"),
                "export",
                "alice",
                "--p12",
                directory.resolve("no.p12").toString());
        assertThat(umlaut.exitCode()).isEqualTo(2);
        assertThat(umlaut.err()).contains("ASCII").doesNotContain("süß");
        assertThat(asked.out()).contains("Wrote " + modern).doesNotContain("to go", "sesame");
        assertThat(told.exitCode()).as(told.err()).isZero();
        assertThat(Identity.ofPkcs12(modern, "to go".toCharArray()).chain()).hasSize(1);
        assertThat(Identity.ofPkcs12(compatible, "open sesame".toCharArray()).chain())
                .hasSize(1);
    }

    @Test
    void takesOverAnEasyRsa() throws IOException {
        ca("init", "--no-passphrase");
        ca("client", "alice");
        Path theirs = directory.resolve("easy-rsa/pki");
        Files.createDirectories(theirs.resolve("private"));
        Files.createDirectories(theirs.resolve("issued"));
        Files.move(pki.resolve("ca.crt"), theirs.resolve("ca.crt"));
        Files.move(pki.resolve("ca.key"), theirs.resolve("private/ca.key"));
        Files.move(pki.resolve("alice.crt"), theirs.resolve("issued/alice.crt"));
        Files.writeString(theirs.resolve("index.txt"), "R\t290225144807Z\t261123144808Z\t0A\tunknown\t/CN=gone\n");
        pki = directory.resolve("taken");

        Run taken = ca("import", theirs.toString());

        assertThat(taken.out())
                .contains("Took over the CA in " + theirs + ": 2 certificates, 1 of them revoked")
                .contains(pki.resolve("crl.pem").toString());
        assertThat(states(ca("list"))).containsExactly("revoked", "issued", "issued", "issued");
        assertThat(ca("import", theirs.toString()).err()).contains("is there already");
    }

    @Test
    void writesAListForAsLongAsItIsTold() {
        ca("init", "--no-passphrase");
        ca("client", "alice");

        assertThat(ca("crl", "--lifetime", "20d").exitCode()).isZero();
        assertThat(states(ca("list"))).containsExactly("issued", "issued", "expires soon");
        ca("revoke", "alice", "--lifetime", "90d");
        assertThat(states(ca("list"))).containsExactly("revoked", "issued", "issued");
        ca("renew", "--ca", "--lifetime", "20d");
        assertThat(states(ca("list"))).containsExactly("revoked", "issued", "expires soon");
    }

    /** The states that a list shows, from the first line to the last. */
    private static List<String> states(Run list) {
        return list.out()
                .lines()
                .skip(1)
                .map(line -> line.substring(54, 66).strip())
                .toList();
    }

    private boolean opens(String name, String passphrase) {
        return !Identity.ofPem(pki.resolve(name + ".crt"), pki.resolve(name + ".key"), passphrase.toCharArray())
                .chain()
                .isEmpty();
    }

    /** Runs it when this much time has passed. */
    private Run at(Duration later, String... arguments) {
        Host host = new Host(
                new Run.Typed(List.of()),
                directory,
                directory,
                Clock.offset(Clock.systemUTC(), later),
                () -> {
                    throw new AssertionError("no trial was asked for");
                },
                Optional::empty);
        return Run.on(host, inCa(arguments));
    }

    private Identity identity(String name) {
        return Identity.ofPem(pki.resolve(name + ".crt"), pki.resolve(name + ".key"));
    }

    private Run ca(String... arguments) {
        return answering(List.of(), arguments);
    }

    private Run answering(List<String> answers, String... arguments) {
        return Run.answering(directory, answers, inCa(arguments));
    }

    private String[] inCa(String... arguments) {
        List<String> all = new ArrayList<>(List.of("ca"));
        all.addAll(List.of(arguments));
        if (arguments.length > 0) {
            all.addAll(List.of("--dir", pki.toString()));
        }
        return all.toArray(String[]::new);
    }
}
