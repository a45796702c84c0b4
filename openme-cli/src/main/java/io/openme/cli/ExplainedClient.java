package io.openme.cli;

import io.openme.cli.config.Configuration;
import io.openme.doorman.Client;
import io.openme.pki.CertificateAuthority;
import io.openme.tls.CertificateFile;
import io.openme.tls.Purpose;
import io.openme.tls.UntrustedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Whom {@code openme check --explain} is about.
 *
 * @param client itself
 * @param assumed whether only its name was given, and its certificate made up
 * @param distrust why its certificate is refused, whatever the policy says
 */
record ExplainedClient(Client client, boolean assumed, Optional<String> distrust) {
    /** What is more likely to be a mistyped path than a name. */
    private static final Pattern PATH = Pattern.compile(".*/.*|.*\\.(crt|pem|cer)");

    /** The client of a PEM file, which the configured trust has looked at; or one with this common name. */
    static ExplainedClient of(String nameOrFile, Configuration configuration, Clock clock) {
        if (isFile(nameOrFile)) {
            return ofFile(Path.of(nameOrFile), configuration, clock);
        }
        if (PATH.matcher(nameOrFile).matches()) {
            throw new UsageException("there is no file " + nameOrFile
                    + "; check the path, or give a common name, such as --client alice");
        }
        try {
            X509Certificate certificate =
                    CertificateAuthority.create(nameOrFile, clock).certificate();
            return new ExplainedClient(Client.of(certificate), true, Optional.empty());
        } catch (IllegalArgumentException e) {
            throw new UsageException(
                    "\"" + nameOrFile
                            + "\" is no common name that can be assumed; give the client's certificate, such as"
                            + " --client alice.crt",
                    e);
        }
    }

    private static ExplainedClient ofFile(Path file, Configuration configuration, Clock clock) {
        List<X509Certificate> chain = CertificateFile.read(file);
        try {
            Client client = Client.of(Doormen.trust(configuration).verify(chain, Purpose.CLIENT, clock.instant()));
            return new ExplainedClient(client, false, Optional.empty());
        } catch (UntrustedException e) {
            return new ExplainedClient(Client.of(chain.get(0)), false, Optional.of(String.valueOf(e.getMessage())));
        }
    }

    private static boolean isFile(String text) {
        try {
            return Files.isRegularFile(Path.of(text));
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
