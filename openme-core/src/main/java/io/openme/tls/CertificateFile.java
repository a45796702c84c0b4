package io.openme.tls;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;

/** Certificates in files, to look at; {@link Trust#verify} says whether one is good. */
public final class CertificateFile {
    private CertificateFile() {}

    /**
     * Reads the certificates of a PEM file of up to 1 MiB, in their order. What else is in it is skipped, keys too.
     *
     * @return at least one
     * @throws CredentialException if the file can't be used, or holds no certificate
     */
    public static List<X509Certificate> read(Path file) {
        return PemFile.read(file, "a certificate").certificates();
    }
}
