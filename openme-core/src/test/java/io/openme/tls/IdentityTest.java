package io.openme.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.testkit.KeyType;
import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import io.openme.tls.CredentialException.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.KeyDerivationFunc;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTest {
    private static final TestCa CA = TestCa.create();

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"server", "client", "client2", "revoked", "expired"})
    void readsWhatEasyRsaMade(String name) {
        Identity identity = Identity.ofPem(EasyRsa.file(name + ".crt"), EasyRsa.file(name + ".key"));

        assertThat(Peer.nameOf(identity.certificate())).isEqualTo(name);
        assertThat(identity.privateKey().getAlgorithm()).isEqualTo("RSA");
        assertThat(identity.chain()).hasSize(1);
    }

    @Test
    void readsAKeyThatEasyRsaEncrypted() {
        Identity identity = Identity.ofPem(
                EasyRsa.file("clientenc.crt"), EasyRsa.file("clientenc.key"), "clientpass".toCharArray());

        assertThat(Peer.nameOf(identity.certificate())).isEqualTo("clientenc");
    }

    @Test
    void saysThatAnEncryptedKeyNeedsAPassphrase() {
        refuses(
                () -> Identity.ofPem(EasyRsa.file("clientenc.crt"), EasyRsa.file("clientenc.key")),
                Problem.PASSPHRASE_NEEDED,
                "clientenc.key",
                "passphrase");
    }

    @Test
    void saysThatThePassphraseIsWrongWithoutShowingIt() {
        assertThatThrownBy(() -> Identity.ofPem(
                        EasyRsa.file("clientenc.crt"), EasyRsa.file("clientenc.key"), "Hunter2".toCharArray()))
                .isInstanceOfSatisfying(
                        CredentialException.class, e -> assertThat(e.problem()).isEqualTo(Problem.PASSPHRASE_WRONG))
                .hasMessageContaining("clientenc.key")
                .hasMessageNotContaining("Hunter2");
    }

    @ParameterizedTest
    @EnumSource(names = {"P256", "P384", "RSA_2048", "ED25519"})
    void readsEachKindOfKey(KeyType type) {
        TestCertificate issued = CA.client("alice").keyType(type).issue();
        issued.writeTo(directory);

        Identity identity = Identity.ofPem(directory.resolve("alice.crt"), directory.resolve("alice.key"));

        assertThat(identity.privateKey()).isEqualTo(issued.key());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rsa -traditional",
                "rsa -traditional -aes128",
                "rsa -traditional -des3",
                "ec",
                "ec -aes256",
                "pkcs8 -topk8 -v2 aes-256-cbc",
                "pkcs8 -topk8 -v2 des3",
                "pkcs8 -topk8 -scrypt",
                "pkcs8 -topk8 -v1 PBE-SHA1-3DES"
            })
    void readsWhatOpensslWrites(String command) throws Exception {
        TestCertificate issued = CA.client("alice")
                .keyType(command.startsWith("rsa") ? KeyType.RSA_2048 : KeyType.P256)
                .issue();
        issued.writeTo(directory);
        List<String> words = new ArrayList<>(List.of("openssl"));
        words.addAll(List.of(command.split(" ")));
        words.addAll(List.of("-in", "alice.key", "-out", "other.key", "-passout", "pass:secret"));
        openssl(words);

        Identity identity =
                Identity.ofPem(directory.resolve("alice.crt"), directory.resolve("other.key"), "secret".toCharArray());

        // The encodings differ in what they hold besides, so the keys are not equal; that it fits was checked.
        assertThat(identity.certificate()).isEqualTo(issued.certificate());
    }

    @Test
    void readsCertificateAndKeyFromOneFileWithTextAround() throws IOException {
        TestCertificate issued = CA.client("alice").issue();
        Path both = Files.writeString(
                directory.resolve("both.pem"), "Hello\n" + issued.keyPem() + "some text\n" + issued.certificatePem());

        assertThat(Identity.ofPem(both).certificate()).isEqualTo(issued.certificate());
    }

    @Test
    void keepsTheCasAboveItAndLeavesTheRootOut() throws IOException {
        TestCa below = CA.intermediate("Below");
        TestCertificate issued = below.client("alice").issue();
        Path both =
                Files.writeString(directory.resolve("both.pem"), CA.pem() + issued.certificatePem() + issued.keyPem());

        assertThat(Identity.ofPem(both).chain()).containsExactly(issued.certificate(), below.certificate());
    }

    @Test
    void readsPkcs12() throws IOException {
        TestCertificate issued = CA.intermediate("Below").client("alice").issue();
        Path store = Files.write(directory.resolve("alice.p12"), issued.pkcs12("secret".toCharArray()));

        Identity identity = Identity.ofPkcs12(store, "secret".toCharArray());

        assertThat(identity.privateKey()).isEqualTo(issued.key());
        assertThat(identity.chain()).isEqualTo(issued.chain());
        refuses(
                () -> Identity.ofPkcs12(store, "other".toCharArray()),
                Problem.PASSPHRASE_WRONG,
                "alice.p12",
                "passphrase");
    }

    @Test
    void refusesAKeyThatBelongsToAnotherCertificate() {
        CA.client("alice").issue().writeTo(directory);
        CA.client("bob").issue().writeTo(directory);

        refuses(() -> pem("alice.crt", "bob.key"), Problem.MISMATCH, "alice.crt", "bob.key", "(alice)");
    }

    @Test
    void saysThatCertificateAndKeyAreSwapped() {
        CA.client("alice").issue().writeTo(directory);

        refuses(() -> pem("alice.key", "alice.crt"), Problem.UNUSABLE, "alice.key", "PRIVATE KEY", "swapped");
        refuses(() -> pem("alice.crt", "alice.crt"), Problem.UNUSABLE, "alice.crt", "private key", "swapped");
    }

    @Test
    void saysWhatAFileIsInsteadAndTheWayOut() throws Exception {
        CA.client("alice").issue().writeTo(directory);
        openssl(List.of("openssl", "req", "-new", "-key", "alice.key", "-subj", "/CN=alice", "-out", "alice.csr"));
        openssl(List.of("openssl", "x509", "-in", "alice.crt", "-outform", "DER", "-out", "alice.der"));
        Files.createFile(directory.resolve("empty"));
        Files.writeString(directory.resolve("text"), "nothing\n");
        Files.write(directory.resolve("large"), new byte[CredentialFile.LARGEST + 1]);
        Files.writeString(directory.resolve("cut"), "-----BEGIN CERTIFICATE-----\nMIIB\n");

        refuses(() -> pem("alice.csr", "alice.key"), Problem.UNUSABLE, "alice.csr", "request", "CA has yet to sign");
        refuses(() -> pem("alice.der", "alice.key"), Problem.UNUSABLE, "alice.der", "DER", "convert");
        refuses(() -> pem("empty", "alice.key"), Problem.UNUSABLE, "empty is empty");
        refuses(() -> pem("text", "alice.key"), Problem.UNUSABLE, "text", "no PEM block");
        refuses(() -> pem("large", "alice.key"), Problem.UNUSABLE, "larger than 1 MiB");
        refuses(() -> pem("cut", "alice.key"), Problem.UNUSABLE, "cut", "damaged");
        refuses(() -> pem("absent", "alice.key"), Problem.UNREADABLE, "there is no file", "absent");
        refuses(() -> Identity.ofPem(directory), Problem.UNREADABLE, directory.toString());
    }

    @Test
    void refusesAKeyThatWantsHoursOfWorkToBeDecrypted() throws Exception {
        CA.client("alice").issue().writeTo(directory);
        openssl(List.of(
                "openssl",
                "pkcs8",
                "-topk8",
                "-in",
                "alice.key",
                "-out",
                "slow.key",
                "-passout",
                "pass:x",
                "-outform",
                "DER",
                "-iter",
                "1000"));
        byte[] der = Files.readAllBytes(directory.resolve("slow.key"));
        byte[] patched = withManyIterations(der);
        Files.writeString(
                directory.resolve("slow.key"),
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder().encodeToString(patched)
                        + "\n-----END ENCRYPTED PRIVATE KEY-----\n");

        refuses(
                () -> Identity.ofPem(directory.resolve("alice.crt"), directory.resolve("slow.key"), "x".toCharArray()),
                Problem.UNUSABLE,
                "slow.key",
                "more work");
    }

    @Test
    void saysWhichCommandClosesAKeyFileThatIsTooOpen() throws IOException {
        Path key = Files.writeString(directory.resolve("it's.key"), "x");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));

        assertThat(Identity.tooOpen(key))
                .get()
                .asString()
                .contains("rw-r-----", "chmod 600 '" + directory + "/it'\\''s.key'");

        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        assertThat(Identity.tooOpen(key)).isEmpty();
    }

    @Test
    void doesNotPrintItsKey() {
        TestCertificate issued = CA.client("alice").issue();

        assertThat(Identity.of(issued.key(), issued.chain()).toString()).startsWith("Identity[alice (");
    }

    @Test
    void makesANameSafeToLog() {
        assertThat(Peer.nameOf(CA.client("a\r\nb\u001b[31mü").issue().certificate()))
                .isEqualTo("a??b?[31m?");
        assertThat(Peer.nameOf(CA.client("x".repeat(64)).issue().certificate())).hasSize(64);
    }

    private Identity pem(String certificate, String key) {
        return Identity.ofPem(directory.resolve(certificate), directory.resolve(key));
    }

    private static void refuses(Runnable what, Problem problem, String... words) {
        assertThatThrownBy(what::run)
                .isInstanceOfSatisfying(
                        CredentialException.class, e -> assertThat(e.problem()).isEqualTo(problem))
                .message()
                .contains(words);
    }

    private static byte[] withManyIterations(byte[] der) throws IOException {
        var info = EncryptedPrivateKeyInfo.getInstance(der);
        var pbes2 = PBES2Parameters.getInstance(info.getEncryptionAlgorithm().getParameters());
        var slow = new PBKDF2Params(new byte[8], Integer.MAX_VALUE);
        var changed = new PBES2Parameters(
                new KeyDerivationFunc(PKCSObjectIdentifiers.id_PBKDF2, slow), pbes2.getEncryptionScheme());
        return new EncryptedPrivateKeyInfo(
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.id_PBES2, changed), info.getEncryptedData())
                .getEncoded();
    }

    private void openssl(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("openssl.log").toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(() -> new String(logOf(directory), US_ASCII))
                .isZero();
    }

    private static byte[] logOf(Path directory) {
        try {
            return Files.readAllBytes(directory.resolve("openssl.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
