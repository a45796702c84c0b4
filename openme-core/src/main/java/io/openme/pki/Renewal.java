package io.openme.pki;

import io.openme.tls.Purpose;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that a name has now, in {@code NAME.crt}, and how another takes its place.
 *
 * @param files the path of both files without their extension
 */
record Renewal(Path files, IssuedCertificate entry, X509Certificate certificate) {
    /** @throws CaException if the name has none, it is revoked, or what is in its file is not this CA's */
    static Renewal of(FileTransaction transaction, Index index, X509Certificate authority, String name)
            throws IOException {
        if (index.of(name).isEmpty()) {
            throw CaFiles.unknown(transaction.directory(), name);
        }
        Path files = transaction.directory().resolve(Names.file(name));
        X509Certificate certificate = read(name, certificateFile(files));
        IssuedCertificate entry = index.of(name).stream()
                .filter(each -> each.serial().equals(certificate.getSerialNumber()))
                .findFirst()
                .orElseThrow(() -> new CaException("the certificate in " + certificateFile(files)
                        + " is none that the CA issued to " + name + "; bring that back"));
        // Everything in it is copied into the new one, so the serial number alone does not do.
        if (!isOf(authority, certificate)) {
            throw new CaException("the certificate in " + certificateFile(files) + " has the serial number of one that"
                    + " the CA issued to " + name + ", but the CA did not sign it; bring that back");
        }
        if (entry.revoked().isPresent()) {
            throw new CaException("the certificate of " + name + " is revoked; if there is to be another, move "
                    + certificateFile(files) + " and its key away and issue it (openme ca client, openme ca server)");
        }
        return new Renewal(files, entry, certificate);
    }

    /** What no file of this name is kept under yet: {@code .old}, {@code .old2} and so on. */
    static String suffix(FileTransaction files, String name) {
        String suffix = ".old";
        for (int i = 2; files.exists(name + ".crt" + suffix) || files.exists(name + ".key" + suffix); i++) {
            suffix = ".old" + i;
        }
        return suffix;
    }

    Path certificateFile() {
        return certificateFile(files);
    }

    Path keyFile() {
        return files.resolveSibling(fileName() + ".key");
    }

    /** @throws CaException if it is not known what the certificate is for */
    Purpose purpose() {
        return entry.purpose()
                .orElseThrow(() -> new CaException("the certificate of " + entry.name()
                        + " is neither a client's alone nor a server's; issue one that is under another name"
                        + " (openme ca client, openme ca server)"));
    }

    /** Stages the new files, and the old ones under the names that they are kept by. */
    void stage(
            FileTransaction transaction,
            X509Certificate renewed,
            Optional<PrivateKey> newKey,
            char @Nullable [] passphrase)
            throws IOException {
        String suffix = suffix(transaction, fileName());
        transaction.create(fileName() + ".crt" + suffix, Pem.read(certificateFile()), false);
        if (newKey.isPresent()) {
            // Its key may be with its owner alone; then there is none to keep.
            if (Files.exists(keyFile())) {
                byte[] old = Pem.read(keyFile());
                if (passphrase == null && Pem.isEncrypted(old)) {
                    throw new CaException(
                            "the key in " + keyFile() + " is encrypted, so the new one has to be; give a"
                                    + " passphrase (--key-passphrase-file FILE or --encrypt-key), or keep the key (--same-key)");
                }
                transaction.create(fileName() + ".key" + suffix, old, true);
            }
            transaction.replace(fileName() + ".key", Pem.key(newKey.get(), passphrase), true);
        }
        transaction.replace(fileName() + ".crt", Pem.certificate(renewed), false);
    }

    private String fileName() {
        return files.getFileName().toString();
    }

    /** A renewed CA has the name and key that it had before. */
    private static boolean isOf(X509Certificate authority, X509Certificate certificate) {
        try {
            certificate.verify(authority.getPublicKey());
            return certificate.getIssuerX500Principal().equals(authority.getSubjectX500Principal());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static Path certificateFile(Path files) {
        return files.resolveSibling(files.getFileName() + ".crt");
    }

    private static X509Certificate read(String name, Path file) throws IOException {
        try {
            return Pem.readCertificate(file);
        } catch (NoSuchFileException e) {
            throw new CaException(
                    "the certificate of " + name + " is not in " + file
                            + ", where it is needed; bring it back, or issue"
                            + " another (openme ca client, openme ca server)",
                    e);
        }
    }
}
