package io.openme.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/** Certificates: of a file, and what one that a peer has sent is asked for. */
class CertificateFuzzTest {
    private static final Trust TRUST = Trust.ofPem(EasyRsa.file("ca.crt"));

    @FuzzTest
    void isReadOrRefusedInWordsThatNameTheFile(byte[] bytes) throws IOException, CertificateException {
        List<X509Certificate> found;
        try (FuzzedFile file = FuzzedFile.ofPem("CERTIFICATE", bytes)) {
            found = file.readOrRefuse(
                    () -> PemFile.read(file.path(), "a certificate").certificates(), List.of());
            file.readOrRefuse(() -> Trust.ofPem(file.path()).toString(), "");
        }
        for (X509Certificate certificate : found) {
            Peer peer = Peer.of(certificate);
            assertThat(peer.toString()).matches("[ -~]*").hasSizeLessThan(1000);
            assertThat(Pin.parse(Pin.of(certificate).toString())).isEqualTo(Pin.of(certificate));
        }
        if (!found.isEmpty()) {
            verify(found);
        }
    }

    /** As the handshake does with what a peer sends. */
    private static void verify(List<X509Certificate> chain) throws CertificateException {
        for (Purpose purpose : Purpose.values()) {
            for (Instant at : List.of(EasyRsa.THEN, Instant.EPOCH)) {
                try {
                    X509Certificate own = TRUST.verify(chain, purpose, at).certificate();
                    own.verify(TRUST.authorities().get(0).getPublicKey());
                } catch (UntrustedException e) {
                    assertThat(e.getMessage()).matches("[ -~]+").hasSizeLessThan(2000);
                } catch (java.security.GeneralSecurityException e) {
                    throw new AssertionError("what the CA did not sign is trusted", e);
                }
            }
        }
    }
}
