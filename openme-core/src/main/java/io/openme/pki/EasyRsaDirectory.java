package io.openme.pki;

import io.openme.internal.x509.X509;
import io.openme.tls.Identity;
import io.openme.tls.Purpose;
import io.openme.tls.Trust;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.jspecify.annotations.Nullable;

/**
 * What easy-rsa keeps in its {@code pki} directory; it is only read.
 *
 * <p>Three places tell who was issued what and who is revoked: {@code index.txt}, the certificates, and the revocation
 * list. Whoever is revoked by one of them stays so, and whoever is in one of them can be revoked.
 */
final class EasyRsaDirectory {
    /** The last ones are where different releases put what was revoked, renewed or has ended. */
    private static final List<String> CERTIFICATES = List.of(
            "issued",
            "certs_by_serial",
            "revoked/certs_by_serial",
            "renewed/issued",
            "renewed/certs_by_serial",
            "expired");

    private static final int LARGEST_NUMBER = 128;
    /** About a million entries of the index, or of a revocation list. */
    private static final int LARGEST_LIST = 64 << 20;

    private final Path directory;
    private final Enclosed files;
    private final Identity authority;
    private final byte[] authorityKey;
    private final Map<String, byte[]> copies = new LinkedHashMap<>();
    private final Map<BigInteger, Found> bySerial = new LinkedHashMap<>();
    private final Map<BigInteger, IssuedCertificate> entries = new LinkedHashMap<>();
    private BigInteger crlNumber = BigInteger.ONE;

    /**
     * A certificate of the CA and its file.
     *
     * @param current whether that is where easy-rsa has those that were not revoked or renewed
     */
    private record Found(X509Certificate certificate, Path file, boolean current) {
        String baseName() {
            String name = file.getFileName().toString();
            return name.substring(0, name.lastIndexOf('.'));
        }

        /** What easy-rsa itself calls it; elsewhere files have other names, so the common name, mostly the same. */
        Optional<String> label() {
            return (current ? Optional.of(baseName()) : commonName(certificate)).map(Names::label);
        }
    }

    private EasyRsaDirectory(Path directory, Enclosed files, Identity authority, byte[] authorityKey) {
        this.directory = directory;
        this.files = files;
        this.authority = authority;
        this.authorityKey = authorityKey;
    }

    static EasyRsaDirectory read(Path given, char @Nullable [] passphrase) throws IOException {
        Path directory = Files.exists(given.resolve("ca.crt")) ? given : given.resolve("pki");
        if (!Files.exists(directory.resolve("ca.crt")) || !Files.exists(directory.resolve("index.txt"))) {
            throw new CaException("there is no easy-rsa PKI in " + given
                    + " (ca.crt or index.txt is missing); give its pki directory");
        }
        Enclosed files = Enclosed.in(directory);
        Path key = key(directory, "ca");
        Identity authority = Identity.ofPem(
                files.require(directory.resolve("ca.crt")), Files.exists(key) ? files.require(key) : key, passphrase);
        Trust.of(authority.certificate());
        EasyRsaDirectory read = new EasyRsaDirectory(directory, files, authority, files.read(key, Pem.LARGEST));
        read.readCertificates();
        read.readIndex();
        read.addWhatTheIndexLacks();
        read.readCrl();
        read.readCopies();
        return read;
    }

    Identity authority() {
        return authority;
    }

    /** What it issued, and the number that the next revocation list must have at least. */
    Index index() {
        return new Index(crlNumber, List.copyOf(entries.values()));
    }

    /** The key of the CA as it is, so that an encrypted one stays encrypted. */
    byte[] authorityKey() {
        return authorityKey;
    }

    /** The certificates and their keys as they are, by the names of their files: {@code NAME.crt} and {@code NAME.key}. */
    Map<String, byte[]> copies() {
        return copies;
    }

    private void readCopies() throws IOException {
        for (Found each : bySerial.values()) {
            if (each.current()) {
                String name = Names.file(each.label().orElseThrow());
                Path key = key(directory, each.baseName());
                if (Files.exists(key)) {
                    copies.put(name + ".key", files.read(key, Pem.LARGEST));
                }
                copies.put(name + ".crt", files.read(each.file(), Pem.LARGEST));
            }
        }
    }

    private static Path key(Path directory, String name) {
        return directory.resolve("private").resolve(name + ".key");
    }

    private void readCertificates() throws IOException {
        for (String each : CERTIFICATES) {
            Path folder = directory.resolve(each);
            if (Files.isDirectory(folder)) {
                try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.{crt,pem}")) {
                    for (Path file : found) {
                        readCertificate(file, each.equals("issued"));
                    }
                }
            }
        }
    }

    private void readCertificate(Path file, boolean current) throws IOException {
        X509Certificate certificate = Pem.certificate(file, files.read(file, Pem.LARGEST));
        try {
            certificate.verify(authority.certificate().getPublicKey());
        } catch (GeneralSecurityException e) {
            // Another CA's, which this one has no say in.
            return;
        }
        bySerial.putIfAbsent(certificate.getSerialNumber(), new Found(certificate, file, current));
    }

    private void readIndex() throws IOException {
        Path file = directory.resolve("index.txt");
        int line = 0;
        for (String each : new String(files.read(file, LARGEST_LIST), StandardCharsets.UTF_8)
                .lines()
                .toList()) {
            line++;
            if (!each.isBlank()) {
                try {
                    EasyRsaIndexLine entry = EasyRsaIndexLine.parse(each);
                    add(entry.serial(), entry.commonName(), entry.notAfter(), entry.revoked());
                } catch (IllegalArgumentException e) {
                    throw new CaException(
                            file + " is damaged: line " + line + " has another form than openssl ca writes; bring it"
                                    + " back from a backup",
                            e);
                }
            }
        }
    }

    private void addWhatTheIndexLacks() {
        for (Found each : bySerial.values()) {
            X509Certificate certificate = each.certificate();
            // A sub-directory of expired ones may hold the CA itself.
            if (certificate
                    .getSubjectX500Principal()
                    .equals(authority.certificate().getSubjectX500Principal())) {
                continue;
            }
            add(
                    certificate.getSerialNumber(),
                    each.baseName(),
                    certificate.getNotAfter().toInstant(),
                    Optional.empty());
        }
    }

    private void readCrl() throws IOException {
        Path next = directory.resolve("crlnumber");
        if (Files.exists(next)) {
            try {
                String number = new String(files.read(next, LARGEST_NUMBER), StandardCharsets.ISO_8859_1);
                crlNumber = crlNumber.max(new BigInteger(number.strip(), 16));
            } catch (NumberFormatException e) {
                throw new CaException(next + " holds no number in hexadecimal digits; bring it back from a backup", e);
            }
        }
        Path file = directory.resolve("crl.pem");
        if (!Files.exists(file)) {
            return;
        }
        X509CRL list = parseCrl(file);
        byte[] number = list.getExtensionValue(Extension.cRLNumber.getId());
        if (number != null) {
            crlNumber = crlNumber.max(CRLNumber.getInstance(JcaX509ExtensionUtils.parseExtensionValue(number))
                    .getCRLNumber()
                    .add(BigInteger.ONE));
        }
        if (list.getRevokedCertificates() != null) {
            for (X509CRLEntry each : list.getRevokedCertificates()) {
                // Nothing outlives its CA, so that is the latest that one of which only the list tells can end.
                add(
                        each.getSerialNumber(),
                        each.getSerialNumber().toString(16),
                        authority.certificate().getNotAfter().toInstant(),
                        Optional.of(each.getRevocationDate().toInstant()));
            }
        }
    }

    private X509CRL parseCrl(Path file) throws IOException {
        try {
            X509CRL list = X509.revocationList(files.read(file, LARGEST_LIST));
            list.verify(authority.certificate().getPublicKey());
            return list;
        } catch (GeneralSecurityException e) {
            throw new CaException(
                    file + " is damaged or not of this CA (" + e.getMessage()
                            + "); let easy-rsa make it again (easyrsa gen-crl)",
                    e);
        }
    }

    private void add(BigInteger serial, String otherwiseNamed, Instant notAfter, Optional<Instant> revoked) {
        Optional<Found> found = Optional.ofNullable(bySerial.get(serial));
        IssuedCertificate entry = new IssuedCertificate(
                found.flatMap(Found::label).orElseGet(() -> Names.label(otherwiseNamed)),
                found.flatMap(each -> purpose(each.certificate())),
                serial,
                notAfter,
                revoked);
        entries.merge(
                serial,
                entry,
                (before, now) ->
                        before.revoked().isEmpty() && revoked.isPresent() ? before.revokedAt(revoked.get()) : before);
    }

    private static Optional<String> commonName(X509Certificate certificate) {
        RDN[] names = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded())
                .getRDNs(BCStyle.CN);
        return names.length > 0 && names[0].getFirst().getValue() instanceof ASN1String name
                ? Optional.of(name.getString())
                : Optional.empty();
    }

    private static Optional<Purpose> purpose(X509Certificate certificate) {
        try {
            List<String> all =
                    Optional.ofNullable(certificate.getExtendedKeyUsage()).orElse(List.of());
            boolean client = all.contains(Purpose.CLIENT.identifier());
            boolean server = all.contains(Purpose.SERVER.identifier());
            return client == server ? Optional.empty() : Optional.of(client ? Purpose.CLIENT : Purpose.SERVER);
        } catch (CertificateParsingException e) {
            return Optional.empty();
        }
    }
}
