package io.openme.pki;

import io.openme.tls.Identity;
import io.openme.tls.Trust;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The files of a CA: what they are called, and what can be read of them without the CA's key. */
final class CaFiles {
    static final String CERTIFICATE = "ca.crt";
    static final String KEY = "ca.key";
    static final String CRL = "crl.pem";
    static final String INDEX = "issued.txt";

    private CaFiles() {}

    static CaOverview overview(Path directory) {
        Index index = readIndex(directory);
        Trust trust = Trust.ofPem(directory.resolve(CERTIFICATE));
        Path crl = directory.resolve(CRL);
        return new CaOverview(
                trust.authorities().get(0),
                index.crlNumber(),
                Files.exists(crl) ? trust.withCrl(crl).revocationsEnd() : Optional.empty(),
                index.issued());
    }

    /** A PKCS#12 store of a name's certificate and key. */
    static byte[] store(Path directory, String name, char @Nullable [] keyPassphrase, Pkcs12 form, char[] passphrase) {
        // Where there is no CA, a transaction would make its directory.
        readIndex(directory);
        try (FileTransaction files = FileTransaction.begin(directory)) {
            X509Certificate ca =
                    Trust.ofPem(directory.resolve(CERTIFICATE)).authorities().get(0);
            Renewal current = Renewal.of(files, readIndex(directory), ca, name);
            Identity identity = Identity.ofPem(current.certificateFile(), current.keyFile(), keyPassphrase);
            return form.encode(name, identity, ca, passphrase);
        } catch (IOException e) {
            throw unwritable(directory, e);
        }
    }

    static CaException unknown(Path directory, String name) {
        return new CaException("nothing was issued to " + Names.label(name) + " by the CA in " + directory
                + "; list what was (openme ca list)");
    }

    static Index readIndex(Path directory) {
        Path file = directory.resolve(INDEX);
        try {
            return Index.parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            throw new CaException(
                    "there is no CA in " + directory + " (" + INDEX + " is missing); make one (openme ca init), or"
                            + " bring the file back from a backup",
                    e);
        } catch (IOException e) {
            throw new CaException("can't read " + file + " (" + e + "); check its permissions", e);
        } catch (IllegalArgumentException e) {
            throw new CaException(
                    file + " is damaged (" + e.getMessage() + "); bring it back from a backup, for without it nobody"
                            + " knows who is revoked",
                    e);
        }
    }

    static CaException unwritable(Path directory, IOException cause) {
        return new CaException(
                "can't write to " + directory + " (" + cause + "); check its permissions and the space on the disk",
                cause);
    }
}
