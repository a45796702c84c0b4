package io.openme.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.openme.testkit.TestCa;
import io.openme.testkit.TestCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever a file holds, reading it ends, in a result or in a {@link CredentialException}. */
class CredentialFilesProperties {
    private static final char[] PASSPHRASE = "clientpass".toCharArray();
    private static final TestCa CA = TestCa.create();
    private static final TestCertificate ALICE = CA.client("alice").issue();
    private static Path file = Path.of("");

    @BeforeContainer
    static void makeFile() throws IOException {
        file = Files.createTempFile("openme", ".pem");
    }

    @AfterContainer
    static void removeFile() throws IOException {
        Files.deleteIfExists(file);
    }

    @Property(tries = 1500)
    void endsForAnythingThatOnceWasPem(@ForAll("damagedText") byte[] content) {
        readAsEverything(content);
    }

    @Property(tries = 1500)
    void endsForBlocksWithDamagedContent(@ForAll("damagedBlock") byte[] content) {
        readAsEverything(content);
    }

    @Property(tries = 300)
    void endsForAnyBytes(@ForAll byte[] content) {
        readAsEverything(content);
    }

    @Provide
    Arbitrary<byte[]> damagedText() {
        return Arbitraries.of(seeds()).flatMap(CredentialFilesProperties::damaged);
    }

    @Provide
    Arbitrary<byte[]> damagedBlock() {
        return Arbitraries.of(seeds()).flatMap(seed -> {
            String text = new String(seed, StandardCharsets.ISO_8859_1);
            int begin = text.indexOf("-----BEGIN ");
            if (begin < 0) {
                return damaged(seed);
            }
            String type = text.substring(begin + 11, text.indexOf("-----", begin + 11));
            String body = text.substring(text.indexOf('\n', begin) + 1, text.indexOf("-----END"));
            return damaged(Base64.getMimeDecoder().decode(body))
                    .map(der -> ("-----BEGIN " + type + "-----\n"
                                    + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type + "-----\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
        });
    }

    private static Arbitrary<byte[]> damaged(byte[] seed) {
        Arbitrary<Integer> position = Arbitraries.integers().between(0, seed.length - 1);
        Arbitrary<byte[]> flipped = Combinators.combine(position, Arbitraries.bytes())
                .as((at, value) -> {
                    byte[] copy = seed.clone();
                    copy[at] = value;
                    return copy;
                });
        // Lengths and counts stand near the beginning.
        Arbitrary<byte[]> header = Combinators.combine(
                        Arbitraries.integers().between(0, Math.min(80, seed.length - 1)), Arbitraries.bytes())
                .as((at, value) -> {
                    byte[] copy = seed.clone();
                    copy[at] = value;
                    return copy;
                });
        Arbitrary<byte[]> cut = position.map(at -> Arrays.copyOf(seed, at));
        return Arbitraries.oneOf(flipped, header, cut);
    }

    private static List<byte[]> seeds() {
        try {
            return List.of(
                    Files.readAllBytes(EasyRsa.file("client.key")),
                    Files.readAllBytes(EasyRsa.file("clientenc.key")),
                    Files.readAllBytes(EasyRsa.file("client.crt")),
                    Files.readAllBytes(EasyRsa.file("crl.pem")),
                    (ALICE.certificatePem() + ALICE.keyPem()).getBytes(StandardCharsets.US_ASCII),
                    ALICE.pkcs12(PASSPHRASE),
                    CA.crl().revoke(ALICE).der());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void readAsEverything(byte[] content) {
        try {
            Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Trust trust = Trust.of(CA.certificate());
        List<Runnable> readers = List.of(
                () -> Identity.ofPem(file, file, PASSPHRASE),
                () -> Identity.ofPem(EasyRsa.file("client.crt"), file, PASSPHRASE),
                () -> Identity.ofPkcs12(file, PASSPHRASE),
                () -> Trust.ofPem(file),
                () -> trust.withCrl(file));
        for (Runnable reader : readers) {
            try {
                reader.run();
            } catch (CredentialException e) {
                assertThat(e).hasMessageContaining(file.toString());
            }
        }
    }
}
