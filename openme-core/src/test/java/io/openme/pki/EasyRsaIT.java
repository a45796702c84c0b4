package io.openme.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openme.tls.CredentialException;
import io.openme.tls.CredentialException.Problem;
import io.openme.tls.Identity;
import io.openme.tls.Purpose;
import io.openme.tls.Trust;
import io.openme.tls.UntrustedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Takes over what a real easy-rsa made (Debian's package easy-rsa), and lets OpenSSL judge. */
class EasyRsaIT {
    private static final String EASY_RSA = "/usr/share/easy-rsa";
    private static final char[] PASSPHRASE = "capass".toCharArray();

    @TempDir
    Path directory;

    private Path source;
    private Path pki;

    @BeforeEach
    void nameDirectories() {
        source = directory.resolve("easy-rsa");
        pki = directory.resolve("pki");
    }

    @Test
    void goesOnWhereEasyRsaStopped() throws Exception {
        makeEasyRsa("rsa");
        Identity gone = Identity.ofPem(source.resolve("issued/gone.crt"), source.resolve("private/gone.key"));
        easyRsa("rsa", "revoke", "gone");
        // Not on easy-rsa's own list, which is made before: only the index tells.
        Identity later = Identity.ofPem(source.resolve("issued/later.crt"), source.resolve("private/later.key"));
        easyRsa("rsa", "gen-crl");
        easyRsa("rsa", "revoke", "later");

        CaDirectory ca = CaDirectory.importEasyRsa(source, pki, PASSPHRASE, Clock.systemUTC());
        ca.issueClient("alice");
        ca.revoke("bob smith");

        assertThat(verifyTheirs("sslclient", "alice.crt")).contains("alice.crt: OK");
        assertThat(verifyTheirs("sslclient", "enc.crt")).contains("enc.crt: OK");
        assertThat(verifyTheirs("sslserver", "server.crt")).contains("server.crt: OK");
        assertThat(verifyTheirs("sslclient", Names.file("bob smith") + ".crt")).contains("certificate revoked");
        Trust trust = Trust.ofPem(pki.resolve("ca.crt")).withCrl(pki.resolve("crl.pem"));
        for (Identity each : List.of(gone, later)) {
            assertThatThrownBy(() -> trust.verify(each.chain(), Purpose.CLIENT, Instant.now()))
                    .isInstanceOfSatisfying(
                            UntrustedException.class,
                            e -> assertThat(e.reason()).isEqualTo(UntrustedException.Reason.REVOKED));
        }
        assertThat(CaDirectory.list(pki))
                .extracting(IssuedCertificate::name)
                .containsExactlyInAnyOrder("server", "enc", "bob smith", "gone", "later", "alice");
        assertThat(Files.readString(pki.resolve("ca.key"))).contains("ENCRYPTED");
        assertThatThrownBy(() -> CaDirectory.open(pki, null, Clock.systemUTC()))
                .isInstanceOfSatisfying(
                        CredentialException.class, e -> assertThat(e.problem()).isEqualTo(Problem.PASSPHRASE_NEEDED));
        assertThat(Identity.ofPem(pki.resolve("enc.crt"), pki.resolve("enc.key"), "encpass".toCharArray())
                        .chain())
                .hasSize(1);
    }

    @Test
    void renewsTheCaAndWhatItIssuedToOpensslsSatisfaction() throws Exception {
        makeEasyRsa("rsa");
        CaDirectory ca = CaDirectory.importEasyRsa(source, pki, PASSPHRASE, Clock.systemUTC());
        ca.issueClient("alice");
        ca.renew("server", null, OldCertificate.STAYS);

        CaDirectory renewed = ca.renewAuthority();

        // Renewed, the CA's certificate is as strict as our own, and so is everything that it issues from now on.
        assertThat(verify("sslclient", "alice.crt")).contains("alice.crt: OK");
        assertThat(verify("sslserver", "-verify_hostname", "server", "server.crt"))
                .contains("server.crt: OK");
        assertThat(verify("sslclient", "enc.crt")).contains("enc.crt: OK");
        assertThat(Tool.openssl(pki, "verify", "-x509_strict", "-CAfile", "ca.crt.old", "alice.crt"))
                .contains("CA cert");
        // What easy-rsa issued names its CA by serial number, too.
        assertThat(renewed.authority().certificate().getSerialNumber())
                .isEqualTo(ca.authority().certificate().getSerialNumber());
        assertThat(Trust.ofPem(pki.resolve("ca.crt"))
                        .verify(List.of(Pem.readCertificate(pki.resolve("enc.crt"))), Purpose.CLIENT, Instant.now())
                        .name())
                .isEqualTo("enc");
    }

    @Test
    void takesOverCasOfOtherKeys() throws Exception {
        for (String algorithm : List.of("ec", "ed")) {
            source = directory.resolve("easy-rsa-" + algorithm);
            pki = directory.resolve("pki-" + algorithm);
            easyRsa(algorithm, "init-pki");
            easyRsa(algorithm, "build-ca");

            CaDirectory.importEasyRsa(source, pki, PASSPHRASE, Clock.systemUTC())
                    .issueClient("alice");

            assertThat(verifyTheirs("sslclient", "alice.crt")).as(algorithm).contains("alice.crt: OK");
        }
    }

    private void makeEasyRsa(String algorithm) throws Exception {
        easyRsa(algorithm, "init-pki");
        easyRsa(algorithm, "build-ca");
        easyRsa(algorithm, "build-server-full", "server", "nopass");
        for (String client : List.of("gone", "later", "bob smith")) {
            easyRsa(algorithm, "build-client-full", client, "nopass");
        }
        easyRsa(algorithm, "build-client-full", "enc");
        assertThat(source.resolve("index.txt")).content().hasLineCount(5);
    }

    private void easyRsa(String algorithm, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(EASY_RSA + "/easyrsa"));
        command.addAll(List.of(arguments));
        boolean client = arguments[arguments.length - 1].equals("enc");
        Tool.run(
                directory,
                Map.of(
                        "EASYRSA",
                        EASY_RSA,
                        "EASYRSA_PKI",
                        source.toString(),
                        "EASYRSA_BATCH",
                        "1",
                        "EASYRSA_ALGO",
                        algorithm,
                        "EASYRSA_CURVE",
                        algorithm.equals("ed") ? "ed25519" : "secp384r1",
                        "EASYRSA_PASSIN",
                        "pass:capass",
                        "EASYRSA_PASSOUT",
                        client ? "pass:encpass" : "pass:capass"),
                command);
    }

    private String verify(String purpose, String... rest) throws Exception {
        List<String> all = new ArrayList<>(List.of("-x509_strict", "-purpose", purpose));
        all.addAll(List.of(rest));
        return verifyBy(all);
    }

    /** Without -x509_strict, until the CA is renewed: easy-rsa does not mark the CA's basic constraints as critical, which that asks for. */
    private String verifyTheirs(String purpose, String file) throws Exception {
        return verifyBy(List.of("-purpose", purpose, file));
    }

    private String verifyBy(List<String> rest) throws Exception {
        List<String> arguments =
                new ArrayList<>(List.of("verify", "-crl_check", "-CAfile", "ca.crt", "-CRLfile", "crl.pem"));
        arguments.addAll(rest);
        return Tool.openssl(pki, arguments.toArray(String[]::new));
    }
}
