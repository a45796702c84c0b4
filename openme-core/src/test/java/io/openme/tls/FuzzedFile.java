package io.openme.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.function.Supplier;

/** A file with what a fuzzer wrote. */
final class FuzzedFile implements AutoCloseable {
    private static final byte DER_SEQUENCE = 0x30;

    private final Path path;

    private FuzzedFile(byte[] content) throws IOException {
        path = Files.createTempFile("openme-fuzz", "");
        Files.write(path, content);
    }

    static FuzzedFile of(byte[] content) throws IOException {
        return new FuzzedFile(content);
    }

    /** In PEM as it is; in DER, whose bytes are easier to vary, with PEM around it. */
    static FuzzedFile ofPem(String type, byte[] content) throws IOException {
        if (content.length == 0 || content[0] != DER_SEQUENCE) {
            return of(content);
        }
        String text = "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(content) + "\n-----END "
                + type + "-----\n";
        return of(text.getBytes(StandardCharsets.US_ASCII));
    }

    Path path() {
        return path;
    }

    /** What is read, or this if it is refused in the one way that is documented: by name, and fit for a terminal. */
    <T> T readOrRefuse(Supplier<T> reading, T otherwise) {
        try {
            return reading.get();
        } catch (CredentialException e) {
            assertThat(e.getMessage())
                    .contains(path.toString())
                    .matches("[ -~]+")
                    .hasSizeLessThan(2000);
            return otherwise;
        }
    }

    @Override
    public void close() throws IOException {
        Files.delete(path);
    }
}
