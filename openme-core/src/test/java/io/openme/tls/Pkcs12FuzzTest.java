package io.openme.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.Optional;

/** PKCS#12 stores. */
class Pkcs12FuzzTest {
    private static final char[] PASSPHRASE = "changeit".toCharArray();

    @FuzzTest
    void isReadOrRefusedInWordsThatNameTheFile(byte[] bytes) throws IOException {
        try (FuzzedFile file = FuzzedFile.of(bytes)) {
            Optional<Identity> identity =
                    file.readOrRefuse(() -> Optional.of(Identity.ofPkcs12(file.path(), PASSPHRASE)), Optional.empty());
            identity.ifPresent(i -> {
                assertThat(PrivateKeys.belongTogether(
                                i.privateKey(), i.certificate().getPublicKey()))
                        .isTrue();
                assertThat(i.toString()).matches("[ -~]*");
            });
        }
    }
}
