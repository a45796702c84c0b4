package io.openme.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.security.PrivateKey;
import java.util.List;
import java.util.Optional;

/** Files of private keys: PKCS#8, PKCS#1 and SEC1, encrypted or not. */
class PrivateKeyFuzzTest {
    private static final char[] PASSPHRASE = "clientpass".toCharArray();
    private static final List<String> TYPES =
            List.of("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY");

    @FuzzTest
    void isReadOrRefusedInWordsThatNameTheFile(byte[] bytes) throws IOException {
        boolean der = bytes.length > 0 && bytes[0] == 0x30;
        for (String type : der ? TYPES : TYPES.subList(0, 1)) {
            try (FuzzedFile file = FuzzedFile.ofPem(type, bytes)) {
                Optional<PrivateKey> key = file.readOrRefuse(
                        () -> Optional.of(PrivateKeys.read(PemFile.read(file.path(), "a private key"), PASSPHRASE)),
                        Optional.empty());
                key.ifPresent(k -> assertThat(k.getAlgorithm()).isIn("RSA", "EC", "EdDSA"));
                // Whatever key it is, only that of the certificate makes an identity of it.
                file.readOrRefuse(
                        () -> Identity.ofPem(EasyRsa.file("client.crt"), file.path(), PASSPHRASE)
                                .toString(),
                        "");
            }
        }
    }
}
