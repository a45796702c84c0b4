package io.openme.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.openme.tls.Identity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** OpenSSL's opinion of what the CA makes. */
class CaDirectoryIT {
    @TempDir
    Path directory;

    private CaDirectory ca;

    @BeforeEach
    void make() {
        ca = CaDirectory.create(directory, "openme CA", "secret".toCharArray(), Clock.systemUTC());
        ca.issueServer("door.example.org", List.of("192.0.2.7", "2001:db8::7", "*.example.org"));
        ca.issueClient("alice");
        ca.issueClient("bob");
        ca.revoke("bob");
    }

    @Test
    void satisfiesOpensslAtItsStrictest() throws Exception {
        assertThat(verify("sslclient", "alice.crt")).contains("alice.crt: OK");
        assertThat(verify("sslserver", "door.example.org.crt")).contains("door.example.org.crt: OK");
        assertThat(verify("sslserver", "-verify_hostname", "door.example.org", "door.example.org.crt"))
                .contains("OK");
        assertThat(verify("sslserver", "-verify_ip", "2001:db8::7", "door.example.org.crt"))
                .contains("OK");
    }

    @Test
    void isRefusedByOpensslWhereItShouldBe() throws Exception {
        assertThat(verify("sslclient", "bob.crt")).contains("certificate revoked");
        assertThat(verify("sslserver", "alice.crt")).contains("purpose");
    }

    @Test
    void putsWhatItShouldIntoItsCertificates() throws Exception {
        assertThat(openssl("x509", "-in", "ca.crt", "-noout", "-text"))
                .containsPattern("Basic Constraints: critical\\s+CA:TRUE, pathlen:0")
                .containsPattern("Key Usage: critical\\s+Certificate Sign, CRL Sign")
                .contains("NIST CURVE: P-256", "ecdsa-with-SHA256", "Subject Key Identifier");
        assertThat(openssl("x509", "-in", "door.example.org.crt", "-noout", "-text"))
                .containsPattern("Basic Constraints: critical\\s+CA:FALSE")
                .containsPattern("Key Usage: critical\\s+Digital Signature\n")
                .containsPattern("Extended Key Usage: \\s+TLS Web Server Authentication\n")
                .contains("DNS:door.example.org, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:7")
                .doesNotContain("DirName");
        assertThat(openssl("crl", "-in", "crl.pem", "-noout", "-crlnumber")).contains("0x02");
    }

    @Test
    void satisfiesOpensslOnceItIsRenewed() throws Exception {
        ca.renew("door.example.org", null, OldCertificate.STAYS);
        ca.renewAuthority().issueClient("carol");

        assertThat(verify("sslclient", "alice.crt")).contains("alice.crt: OK");
        assertThat(verify("sslclient", "carol.crt")).contains("carol.crt: OK");
        assertThat(verify("sslserver", "-verify_ip", "192.0.2.7", "door.example.org.crt"))
                .contains("OK");
        assertThat(verify("sslserver", "-verify_ip", "192.0.2.7", "door.example.org.crt.old"))
                .contains("OK");
        assertThat(verify("sslclient", "bob.crt")).contains("certificate revoked");
    }

    @ParameterizedTest
    @ValueSource(strings = {"secret", "wrong"})
    void encryptsTheKeyOfTheCaSoThatOpensslReadsIt(String passphrase) throws Exception {
        String text = openssl("pkey", "-in", "ca.key", "-noout", "-text_pub", "-passin", "pass:" + passphrase);

        assertThat(text.contains("P-256")).isEqualTo(passphrase.equals("secret"));
        assertThat(openssl("asn1parse", "-in", "ca.key")).contains("PBES2", "aes-256-cbc", "hmacWithSHA256", "0927C0");
    }

    @Test
    void leavesEverythingAsItWasWhenTheDiskIsFull() throws Exception {
        Path small = Files.createDirectory(directory.resolve("small"));
        String mounted = run(List.of("mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", small.toString()));
        assumeThat(mounted).as("needs root, to make a disk that can be full").isEmpty();
        try {
            CaDirectory full = CaDirectory.create(small, "small CA", null, Clock.systemUTC());
            Identity alice = full.issueClient("alice");
            byte[] index = Files.readAllBytes(small.resolve("issued.txt"));
            CaException failure = fill(full);

            assertThat(failure).hasMessageContaining("space on the disk");
            for (String name : List.of("ca.crt", "ca.key", "crl.pem", "alice.crt", "alice.key")) {
                assertThat(small.resolve(name)).isNotEmptyFile();
            }
            assertThat(Files.readAllBytes(small.resolve("issued.txt"))).startsWith(index);
            assertThat(CaDirectory.list(small))
                    .allSatisfy(each ->
                            assertThat(small.resolve(each.name() + ".crt")).isNotEmptyFile());
            assertThat(alice.chain()).hasSize(1);
        } finally {
            run(List.of("umount", small.toString()));
        }
    }

    private static CaException fill(CaDirectory full) {
        for (int i = 0; i < 100; i++) {
            try {
                full.issueClient("client" + i);
            } catch (CaException e) {
                return e;
            }
        }
        throw new AssertionError("the disk never got full");
    }

    private String verify(String purpose, String... rest) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "verify",
                "-x509_strict",
                "-crl_check",
                "-CAfile",
                "ca.crt",
                "-CRLfile",
                "crl.pem",
                "-purpose",
                purpose));
        command.addAll(List.of(rest));
        return openssl(command.toArray(String[]::new));
    }

    private String openssl(String... arguments) throws Exception {
        return Tool.openssl(directory, arguments);
    }

    private String run(List<String> command) throws Exception {
        return Tool.run(directory, command);
    }
}
