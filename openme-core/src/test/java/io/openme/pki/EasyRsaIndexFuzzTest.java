package io.openme.pki;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code index.txt} of an easy-rsa that is taken over, and our own index. */
class EasyRsaIndexFuzzTest {
    @FuzzTest
    void forgetsNobodyWhoIsRevoked(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        List<IssuedCertificate> taken = new ArrayList<>();
        for (String line : text.lines().toList()) {
            read(line).ifPresent(taken::add);
        }
        String written = new String(new Index(BigInteger.ONE, taken).format(), StandardCharsets.UTF_8);

        assertThat(Index.parse(written).issued()).isEqualTo(taken);
        readAsOurs(text);
    }

    private static Optional<IssuedCertificate> read(String line) {
        EasyRsaIndexLine entry;
        try {
            entry = EasyRsaIndexLine.parse(line);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        String label = Names.label(entry.commonName());
        assertThat(label.codePoints())
                .hasSizeBetween(1, 64)
                .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT);
        assertThat(Names.file(label)).matches("[A-Za-z0-9._@-]{1,80}").isNotIn(".", "..", "ca");
        if (line.startsWith("R")) {
            assertThat(entry.revoked()).isPresent();
        }
        return Optional.of(
                new IssuedCertificate(label, Optional.empty(), entry.serial(), entry.notAfter(), entry.revoked()));
    }

    private static void readAsOurs(String text) {
        try {
            Index index = Index.parse(text);
            assertThat(Index.parse(new String(index.format(), StandardCharsets.UTF_8)))
                    .isEqualTo(index);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).startsWith("line ").matches("[ -~]+");
        }
    }
}
