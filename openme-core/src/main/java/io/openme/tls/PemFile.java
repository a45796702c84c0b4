package io.openme.tls;

import io.openme.internal.x509.X509;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;

/** The blocks of a PEM file; text between them is skipped. */
final class PemFile {
    private static final Set<String> CERTIFICATES = Set.of("CERTIFICATE", "X509 CERTIFICATE");
    private static final Set<String> REQUESTS = Set.of("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST");
    private static final byte DER_SEQUENCE = 0x30;

    private final Path file;
    private final List<PemObject> blocks;

    private PemFile(Path file, List<PemObject> blocks) {
        this.file = file;
        this.blocks = blocks;
    }

    /** Reads the file; {@code what} is what it should hold, for the messages. */
    static PemFile read(Path file, String what) {
        return of(file, CredentialFile.read(file, what, CredentialFile.LARGEST), what);
    }

    static PemFile of(Path file, byte[] content, String what) {
        List<PemObject> blocks = new ArrayList<>();
        try (PemReader reader = new PemReader(new StringReader(new String(content, StandardCharsets.ISO_8859_1)))) {
            for (PemObject block = reader.readPemObject(); block != null; block = reader.readPemObject()) {
                blocks.add(block);
            }
        } catch (IOException | RuntimeException e) {
            // Bouncy Castle throws what it likes on a broken block.
            throw CredentialFile.damaged(file, "a PEM block", e);
        }
        if (blocks.isEmpty()) {
            throw content.length > 0 && content[0] == DER_SEQUENCE
                    ? CredentialFile.unusable(
                            file,
                            "is binary (DER or PKCS#12) where " + what + " in PEM was expected",
                            "convert it (openssl x509, pkey or crl with -inform DER), or give it as PKCS#12")
                    : CredentialFile.unusable(
                            file, "holds no PEM block (-----BEGIN ...); " + what + " was expected", "check the path");
        }
        return new PemFile(file, blocks);
    }

    /** The certificates, in their order; never none. */
    List<X509Certificate> certificates() {
        List<X509Certificate> found = new ArrayList<>();
        for (PemObject block : blocks) {
            if (CERTIFICATES.contains(block.getType())) {
                found.add(certificate(block));
            }
        }
        if (found.isEmpty()) {
            throw missing("certificate");
        }
        return found;
    }

    /** The block of the first private key. */
    PemObject key() {
        return first(" PRIVATE KEY").or(() -> first("PRIVATE KEY")).orElseThrow(() -> missing("private key"));
    }

    List<byte[]> revocationLists() {
        List<byte[]> found = blocks.stream()
                .filter(block -> block.getType().equals("X509 CRL"))
                .map(PemObject::getContent)
                .toList();
        if (found.isEmpty()) {
            throw missing("revocation list");
        }
        return found;
    }

    Path file() {
        return file;
    }

    private Optional<PemObject> first(String suffix) {
        return blocks.stream().filter(block -> block.getType().endsWith(suffix)).findFirst();
    }

    private X509Certificate certificate(PemObject block) {
        try {
            return X509.certificate(block.getContent());
        } catch (CertificateException e) {
            throw CredentialFile.damaged(file, "the certificate", e);
        }
    }

    private CredentialException missing(String expected) {
        String found = blocks.get(0).getType();
        String wayOut = "check the path";
        if (REQUESTS.contains(found)) {
            wayOut = "that is a request which the CA has yet to sign; give the certificate that it returns";
        } else if (CERTIFICATES.contains(found) || found.endsWith("PRIVATE KEY")) {
            wayOut = "check that the paths of certificate and key are not swapped";
        }
        return CredentialFile.unusable(
                file, "holds a " + Peer.printable(found) + " where a " + expected + " was expected", wayOut);
    }
}
