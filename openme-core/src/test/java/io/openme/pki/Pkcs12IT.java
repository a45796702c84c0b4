package io.openme.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.tls.CredentialException;
import io.openme.tls.CredentialException.Problem;
import io.openme.tls.EasyRsa;
import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The stores for phones and browsers, as OpenSSL, the JDK and this library read them. */
class Pkcs12IT {
    private static final char[] PASSPHRASE = "open sesame".toCharArray();

    @TempDir
    Path directory;

    private Identity alice;

    @BeforeEach
    void make() {
        CaDirectory ca = CaDirectory.create(directory, "openme CA", null, Clock.systemUTC());
        alice = ca.issueClient("alice", "key secret".toCharArray());
    }

    @Test
    void encryptsWithAes256AndSha256() throws Exception {
        export(Pkcs12.MODERN);

        assertThat(info())
                .contains(
                        "MAC: sha256, Iteration 200000",
                        "PKCS7 Encrypted data: PBES2, PBKDF2, AES-256-CBC, Iteration 200000, PRF hmacWithSHA256",
                        "Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC, Iteration 200000, PRF hmacWithSHA256",
                        "friendlyName: alice",
                        "subject=CN = alice",
                        "subject=CN = openme CA");
    }

    @Test
    void encryptsForOldDevicesWithTripleDesAndSha1() throws Exception {
        export(Pkcs12.COMPATIBLE);

        assertThat(info("-legacy"))
                .contains(
                        "MAC: sha1, Iteration 100000",
                        "PKCS7 Encrypted data: pbeWithSHA1And3-KeyTripleDES-CBC",
                        "Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES-CBC",
                        "subject=CN = alice",
                        "subject=CN = openme CA");
    }

    @ParameterizedTest
    @EnumSource
    void isReadByTheJdkAndByUs(Pkcs12 form) throws Exception {
        Path file = export(form);

        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSPHRASE);
        }
        assertThat(Collections.list(store.aliases())).contains("alice");
        assertThat(store.getKey("alice", PASSPHRASE)).isEqualTo(alice.privateKey());
        assertThat(store.getCertificateChain("alice"))
                .containsExactly(
                        alice.certificate(),
                        Trust.ofPem(directory.resolve("ca.crt")).authorities().get(0));
        assertThat(Identity.ofPkcs12(file, PASSPHRASE).certificate()).isEqualTo(alice.certificate());
        assertThat(Identity.tooOpen(file)).isEmpty();
        assertThatThrownBy(() -> Identity.ofPkcs12(file, "wrong".toCharArray()))
                .isInstanceOfSatisfying(
                        CredentialException.class, e -> assertThat(e.problem()).isEqualTo(Problem.PASSPHRASE_WRONG));
    }

    @ParameterizedTest
    @EnumSource
    void holdsAKeyThatEasyRsaMadeAndEncrypted(Pkcs12 form) throws Exception {
        Identity made = Identity.ofPem(
                EasyRsa.file("clientenc.crt"), EasyRsa.file("clientenc.key"), "clientpass".toCharArray());
        Path file = directory.resolve("easyrsa.p12");
        Files.write(
                file,
                form.encode(
                        "clientenc",
                        made,
                        Trust.ofPem(EasyRsa.file("ca.crt")).authorities().get(0),
                        PASSPHRASE));

        assertThat(Identity.ofPkcs12(file, PASSPHRASE).certificate()).isEqualTo(made.certificate());
    }

    @Test
    void refusesAPassphraseThatDevicesReadDifferently() {
        assertThatThrownBy(() -> CaDirectory.export(
                        directory, "alice", null, Pkcs12.MODERN, directory.resolve("a.p12"), "ü".toCharArray()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ASCII");
    }

    @Test
    void overwritesNothingAndLeavesNothingWhenItCannot() throws Exception {
        Path file = export(Pkcs12.MODERN);
        byte[] before = Files.readAllBytes(file);
        Path other = directory.resolve("other.p12");

        assertThatThrownBy(() -> export(Pkcs12.COMPATIBLE))
                .isInstanceOf(CaException.class)
                .hasMessageContaining("is there already");
        assertThatThrownBy(() -> CaDirectory.export(directory, "alice", null, Pkcs12.MODERN, other, PASSPHRASE))
                .isInstanceOfSatisfying(
                        CredentialException.class, e -> assertThat(e.problem()).isEqualTo(Problem.PASSPHRASE_NEEDED));
        CaDirectory.open(directory, null, Clock.systemUTC()).revoke("alice");
        assertThatThrownBy(() -> CaDirectory.export(
                        directory, "alice", "key secret".toCharArray(), Pkcs12.MODERN, other, PASSPHRASE))
                .isInstanceOf(CaException.class)
                .hasMessageContaining("revoked");

        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertThat(other).doesNotExist();
    }

    private Path export(Pkcs12 form) {
        return CaDirectory.export(
                directory, "alice", "key secret".toCharArray(), form, directory.resolve("alice.p12"), PASSPHRASE);
    }

    private String info(String... options) throws Exception {
        Files.writeString(directory.resolve("passphrase"), new String(PASSPHRASE));
        List<String> arguments = new ArrayList<>(List.of("pkcs12", "-info", "-in", "alice.p12", "-nodes"));
        arguments.addAll(List.of("-passin", "file:passphrase"));
        arguments.addAll(List.of(options));
        return Tool.openssl(directory, arguments.toArray(String[]::new));
    }
}
