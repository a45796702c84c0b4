package io.openme.tls;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;

/** The files that a real easy-rsa made. */
public final class EasyRsa {
    /** A day on which they are valid, whatever today is. */
    public static final Instant THEN = Instant.parse("2026-12-01T00:00:00Z");

    private EasyRsa() {}

    public static Path file(String name) {
        try {
            return Path.of(Objects.requireNonNull(EasyRsa.class.getResource("/easyrsa/" + name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
