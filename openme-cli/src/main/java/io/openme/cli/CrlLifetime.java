package io.openme.cli;

import io.openme.pki.CaDirectory;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How long a new revocation list is good for. */
final class CrlLifetime {
    @Option(
            names = "--lifetime",
            paramLabel = "DURATION",
            converter = Converters.Duration.class,
            description =
                    "How long a new crl.pem is good for, such as 90d; default: a year, but no longer than the CA.")
    private Optional<Duration> lifetime = Optional.empty();

    CaDirectory of(CaDirectory ca) {
        return lifetime.map(ca::withCrlLifetime).orElse(ca);
    }
}
