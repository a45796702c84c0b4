package io.openme.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Revocation lists, PEM and DER. */
class RevocationListFuzzTest {
    private static final Trust CA = Trust.ofPem(EasyRsa.file("ca.crt"));
    private static final List<X509Certificate> REVOKED =
            PemFile.read(EasyRsa.file("revoked.crt"), "a certificate").certificates();
    private static final RevocationList REAL = RevocationList.read(
                    EasyRsa.file("crl.pem"), CA.authorities(), Duration.ZERO)
            .get(0);
    private static final RevocationList EMPTY = RevocationList.read(
                    EasyRsa.file("crl-empty.pem"), CA.authorities(), Duration.ZERO)
            .get(0);

    /** Nobody but the CA can sign, so what is taken is what it has signed, and what was changed is not. */
    @FuzzTest
    void isOneThatTheCaSignedOrRefusedInWordsThatNameTheFile(byte[] bytes) throws IOException {
        try (FuzzedFile file = FuzzedFile.of(bytes)) {
            List<RevocationList> lists = file.readOrRefuse(
                    () -> RevocationList.read(file.path(), CA.authorities(), Duration.ZERO), List.of());
            assertThat(lists).allMatch(list -> list.equals(REAL) || list.equals(EMPTY));

            Optional<Trust> heeding = file.readOrRefuse(() -> Optional.of(CA.withCrl(file.path())), Optional.empty());
            heeding.filter(trust -> lists.contains(REAL))
                    .ifPresent(trust -> assertThat(reason(trust)).isEqualTo(UntrustedException.Reason.REVOKED));
        }
        try (FuzzedFile file = FuzzedFile.ofPem("X509 CRL", bytes)) {
            assertThat(file.readOrRefuse(
                            () -> RevocationList.read(file.path(), CA.authorities(), Duration.ZERO), List.of()))
                    .allMatch(list -> list.equals(REAL) || list.equals(EMPTY));
        }
    }

    private static UntrustedException.Reason reason(Trust trust) {
        try {
            trust.verify(REVOKED, Purpose.CLIENT, EasyRsa.THEN);
        } catch (UntrustedException e) {
            return e.reason();
        }
        throw new AssertionError("a revoked client gets in");
    }
}
