package io.openme.pki;

import io.openme.tls.CredentialException;
import io.openme.tls.Identity;
import io.openme.tls.Purpose;
import io.openme.tls.Trust;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A certification authority in a directory: {@code ca.crt}, {@code ca.key}, for each certificate {@code NAME.crt} and
 * {@code NAME.key}, the revocation list {@code crl.pem}, and {@code issued.txt}, by which it remembers what it issued.
 *
 * <p>Keys are readable by their owner only. No certificate or key is ever overwritten. Each operation waits for others
 * in the same directory, in this process or another, and blocks for the disk; a failure, such as a full disk, leaves
 * what was there. Safe for any thread.
 */
public final class CaDirectory {
    private static final String CERTIFICATE = "ca.crt";
    private static final String KEY = "ca.key";
    private static final String CRL = "crl.pem";
    private static final String INDEX = "issued.txt";

    private final Path directory;
    private final CertificateAuthority authority;
    private final Clock clock;

    private CaDirectory(Path directory, CertificateAuthority authority, Clock clock) {
        this.directory = directory;
        this.authority = authority;
        this.clock = clock;
    }

    /**
     * Makes a new CA and an empty revocation list there.
     *
     * @param directory made if it is not there, for its owner only
     * @param name what people call the CA, as {@link CertificateAuthority#create(String)} takes it
     * @param passphrase encrypts the key of the CA (AES-256, PBKDF2 with 600,000 rounds); null leaves it unencrypted
     * @throws IllegalArgumentException if the name has another form or the passphrase is empty
     * @throws CaException if there is a CA already, or it can't be written
     */
    public static CaDirectory create(Path directory, String name, char @Nullable [] passphrase, Clock clock) {
        if (passphrase != null && passphrase.length == 0) {
            throw new IllegalArgumentException("the passphrase is empty; choose one, or none on purpose");
        }
        CertificateAuthority authority = CertificateAuthority.create(name, clock);
        Identity identity = authority.identity();
        try (FileTransaction files = FileTransaction.begin(directory)) {
            Index index = new Index(BigInteger.ONE, List.of());
            files.create(INDEX, index.format(), true);
            files.create(CRL, Pem.revocationList(authority.revocationList(List.of(), BigInteger.ONE)), false);
            files.create(KEY, Pem.key(identity.privateKey(), passphrase), true);
            files.create(CERTIFICATE, Pem.certificate(identity), false);
            files.commit();
            return new CaDirectory(directory, authority, clock);
        } catch (IOException e) {
            throw unwritable(directory, e);
        }
    }

    /**
     * Opens the CA that is there.
     *
     * @param passphrase opens its key; null if there is none
     * @throws CredentialException if the certificate or key can't be read, among others for want of a passphrase
     * @throws CaException if what it issued can't be read
     */
    public static CaDirectory open(Path directory, char @Nullable [] passphrase, Clock clock) {
        Identity identity = Identity.ofPem(directory.resolve(CERTIFICATE), directory.resolve(KEY), passphrase);
        Trust.of(identity.certificate());
        readIndex(directory);
        return new CaDirectory(directory, new CertificateAuthority(identity, clock), clock);
    }

    /**
     * What the CA there has issued, oldest first. Needs no passphrase.
     *
     * @throws CaException if it can't be read
     */
    public static List<IssuedCertificate> list(Path directory) {
        return readIndex(directory).issued();
    }

    /** The CA itself; what is issued with it directly is not remembered here. */
    public CertificateAuthority authority() {
        return authority;
    }

    /**
     * Issues a client's key and certificate and writes them to {@code NAME.key} and {@code NAME.crt}.
     *
     * @param name as {@link CertificateAuthority#issueClient} takes it
     * @throws IllegalArgumentException if the name has another form
     * @throws CaException if one of the files is there already or can't be written, or the CA has expired
     */
    public Identity issueClient(String name) {
        return issue(name, Purpose.CLIENT, List.of());
    }

    /**
     * Issues a server's key and certificate and writes them to {@code NAME.key} and {@code NAME.crt}.
     *
     * @param name as {@link CertificateAuthority#issueServer} takes it
     * @param others more host names and addresses
     * @throws IllegalArgumentException if one is neither a host name nor an address
     * @throws CaException if one of the files is there already or can't be written, or the CA has expired
     */
    public Identity issueServer(String name, Collection<String> others) {
        return issue(name, Purpose.SERVER, others);
    }

    /**
     * Revokes whatever was issued to this name and writes the revocation list. It counts at a doorman once that has the
     * new list. Revoking again changes nothing but the list's number and dates.
     *
     * @return what is revoked now
     * @throws CaException if nothing was issued to it, or the list can't be written
     */
    public List<IssuedCertificate> revoke(String name) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        try (FileTransaction files = FileTransaction.begin(directory)) {
            Index before = readIndex(directory);
            if (before.issued().stream().noneMatch(each -> each.name().equals(name))) {
                throw new CaException("nothing was issued to that name by the CA in " + directory
                        + "; list what was (openme ca list)");
            }
            Index after = before.next(
                    each -> each.name().equals(name) && each.revoked().isEmpty() ? each.revokedAt(now) : each);
            writeCrl(files, after);
            return after.issued().stream()
                    .filter(each -> each.name().equals(name))
                    .toList();
        } catch (IOException e) {
            throw unwritable(directory, e);
        }
    }

    /**
     * Writes a new revocation list, good for {@link CertificateAuthority#CRL_LIFETIME} from now.
     *
     * @return its file
     * @throws CaException if it can't be written
     */
    public Path writeCrl() {
        try (FileTransaction files = FileTransaction.begin(directory)) {
            writeCrl(files, readIndex(directory).next(each -> each));
            return directory.resolve(CRL);
        } catch (IOException e) {
            throw unwritable(directory, e);
        }
    }

    private void writeCrl(FileTransaction files, Index index) throws IOException {
        // The index goes first: whoever it says is revoked is on every later list, whatever happens to this one.
        files.replace(INDEX, index.format(), true);
        files.replace(CRL, Pem.revocationList(authority.revocationList(index.issued(), index.crlNumber())), false);
        files.commit();
    }

    private Identity issue(String name, Purpose purpose, Collection<String> others) {
        Identity identity =
                purpose == Purpose.CLIENT ? authority.issueClient(name) : authority.issueServer(name, others);
        IssuedCertificate entry = new IssuedCertificate(
                name,
                purpose,
                identity.certificate().getSerialNumber(),
                identity.certificate().getNotAfter().toInstant(),
                Optional.empty());
        try (FileTransaction files = FileTransaction.begin(directory)) {
            // The index goes first: a certificate that it does not know could never be revoked.
            files.replace(INDEX, readIndex(directory).with(entry).format(), true);
            files.create(name + ".key", Pem.key(identity.privateKey(), null), true);
            files.create(name + ".crt", Pem.certificate(identity), false);
            files.commit();
            return identity;
        } catch (IOException e) {
            throw unwritable(directory, e);
        }
    }

    private static Index readIndex(Path directory) {
        Path file = directory.resolve(INDEX);
        try {
            return Index.parse(Files.readString(file, StandardCharsets.ISO_8859_1));
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

    private static CaException unwritable(Path directory, IOException cause) {
        return new CaException(
                "can't write to " + directory + " (" + cause + "); check its permissions and the space on the disk",
                cause);
    }
}
