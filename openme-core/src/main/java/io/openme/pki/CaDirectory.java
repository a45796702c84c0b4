package io.openme.pki;

import io.openme.pki.Profile.Holder;
import io.openme.tls.CredentialException;
import io.openme.tls.Identity;
import io.openme.tls.Peer;
import io.openme.tls.Purpose;
import io.openme.tls.Trust;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.CharBuffer;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A certification authority in a directory: {@code ca.crt}, {@code ca.key}, for each certificate {@code NAME.crt} and
 * {@code NAME.key}, the revocation list {@code crl.pem}, and {@code issued.txt}, by which it remembers what it issued.
 *
 * <p>Keys are readable by their owner only. No certificate or key is ever lost: what a renewal replaces is kept as
 * {@code NAME.crt.old} and {@code NAME.key.old}, what the next one replaces as {@code .old2}, and so on.
 *
 * <p>Each operation waits for others in the same directory, in this process or another, and blocks for the disk. A
 * failure, such as a full disk, leaves what was there; what a crash cut short, the next operation that writes finishes.
 * Safe for any thread.
 */
public final class CaDirectory {
    private final Path directory;
    private final CertificateAuthority authority;
    private final Clock clock;
    private final Duration crlLifetime;

    private CaDirectory(Path directory, CertificateAuthority authority, Clock clock, Duration crlLifetime) {
        this.directory = directory;
        this.authority = authority;
        this.clock = clock;
        this.crlLifetime = crlLifetime;
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
        checkNotEmpty(passphrase);
        CertificateAuthority authority = CertificateAuthority.create(name, clock);
        try (FileTransaction files = FileTransaction.begin(directory)) {
            byte[] key = Pem.key(authority.identity().privateKey(), passphrase);
            CaDirectory made = found(files, directory, authority, key, new Index(BigInteger.ONE, List.of()), clock);
            files.commit();
            return made;
        } catch (IOException e) {
            throw CaFiles.unwritable(directory, e);
        }
    }

    /**
     * Makes a CA that goes on where easy-rsa stopped: with its key and certificate, what it issued, and whom it revoked,
     * also those whose files are gone. Writes a revocation list with a higher number than any before. Certificates and
     * keys that are not revoked are copied as they are, an encrypted one stays encrypted.
     *
     * <p>Each keeps the name that easy-rsa has for it. Where that is none for a file here, because of a space for
     * instance, its files are called {@code imported-...}. Certificates of other CAs are left out. The source is only
     * read.
     *
     * @param source a {@code pki} directory of easy-rsa, or the one that it is in
     * @param directory made if it is not there, for its owner only
     * @param passphrase opens the key of the CA, and goes on to do so; null if there is none
     * @throws CredentialException if the CA's certificate or key can't be read, among others for want of a passphrase
     * @throws CaException if something else of the source can't be read or has another form, the CA has expired, there is
     *     a CA already, or it can't be written
     */
    public static CaDirectory importEasyRsa(Path source, Path directory, char @Nullable [] passphrase, Clock clock) {
        EasyRsaDirectory old = readEasyRsa(source, passphrase);
        CertificateAuthority authority = new CertificateAuthority(old.authority(), clock);
        try (FileTransaction files = FileTransaction.begin(directory)) {
            CaDirectory made = found(files, directory, authority, old.authorityKey(), old.index(), clock);
            for (Map.Entry<String, byte[]> each : old.copies().entrySet()) {
                files.create(each.getKey(), each.getValue(), each.getKey().endsWith(".key"));
            }
            files.commit();
            return made;
        } catch (IOException e) {
            throw CaFiles.unwritable(directory, e);
        }
    }

    private static EasyRsaDirectory readEasyRsa(Path source, char @Nullable [] passphrase) {
        try {
            return EasyRsaDirectory.read(source, passphrase);
        } catch (IOException e) {
            throw new CaException("can't read " + source + " (" + e + "); check its permissions", e);
        }
    }

    private static CaDirectory found(
            FileTransaction files, Path directory, CertificateAuthority authority, byte[] key, Index index, Clock clock)
            throws IOException {
        Duration lifetime = CertificateAuthority.CRL_LIFETIME;
        byte[] crl = authority.revocationList(index.issued(), index.crlNumber(), lifetime);
        files.create(CaFiles.INDEX, index.format(), true);
        files.create(CaFiles.CRL, Pem.revocationList(crl), false);
        files.create(CaFiles.KEY, key, true);
        files.create(CaFiles.CERTIFICATE, Pem.certificate(authority.certificate()), false);
        return new CaDirectory(directory, authority, clock, lifetime);
    }

    /**
     * Opens the CA that is there.
     *
     * @param passphrase opens its key; null if there is none
     * @throws CredentialException if the certificate or key can't be read, among others for want of a passphrase
     * @throws CaException if what it issued can't be read
     */
    public static CaDirectory open(Path directory, char @Nullable [] passphrase, Clock clock) {
        Identity identity =
                Identity.ofPem(directory.resolve(CaFiles.CERTIFICATE), directory.resolve(CaFiles.KEY), passphrase);
        Trust.of(identity.certificate());
        CaFiles.readIndex(directory);
        return new CaDirectory(
                directory, new CertificateAuthority(identity, clock), clock, CertificateAuthority.CRL_LIFETIME);
    }

    /**
     * The same CA, whose revocation lists are good for so long from when they are written, but no longer than the CA; by
     * default it is {@link CertificateAuthority#CRL_LIFETIME}. Not remembered in the directory.
     *
     * @throws IllegalArgumentException if that is shorter than a minute
     */
    public CaDirectory withCrlLifetime(Duration lifetime) {
        if (lifetime.compareTo(Duration.ofMinutes(1)) < 0) {
            throw new IllegalArgumentException(
                    "a revocation list that is good for " + lifetime + " ends before it is anywhere; give it days");
        }
        return new CaDirectory(directory, authority, clock, lifetime);
    }

    /**
     * What the CA there has issued, oldest first. Needs no passphrase.
     *
     * @throws CaException if it can't be read
     */
    public static List<IssuedCertificate> list(Path directory) {
        return CaFiles.readIndex(directory).issued();
    }

    /**
     * What the CA there is and has done. Needs no passphrase.
     *
     * @throws CaException if what it issued can't be read
     * @throws CredentialException if its certificate or revocation list can't be used
     */
    public static CaOverview overview(Path directory) {
        return CaFiles.overview(directory);
    }

    /** The CA itself; what is issued with it directly is not remembered here. */
    public CertificateAuthority authority() {
        return authority;
    }

    /** Does what {@link #issueClient(String, char[])} does, and leaves the key unencrypted. */
    public Identity issueClient(String name) {
        return issueClient(name, null);
    }

    /**
     * Issues a client's key and certificate and writes them to {@code NAME.key} and {@code NAME.crt}.
     *
     * @param name as {@link CertificateAuthority#issueClient} takes it
     * @param passphrase encrypts the key, as that of the CA is; null leaves it unencrypted
     * @throws IllegalArgumentException if the name has another form or the passphrase is empty
     * @throws CaException if one of the files is there already or can't be written, or the CA has expired
     */
    public Identity issueClient(String name, char @Nullable [] passphrase) {
        return issue(name, Purpose.CLIENT, List.of(), passphrase);
    }

    /** Does what {@link #issueServer(String, Collection, char[])} does, and leaves the key unencrypted. */
    public Identity issueServer(String name, Collection<String> others) {
        return issueServer(name, others, null);
    }

    /**
     * Issues a server's key and certificate and writes them to {@code NAME.key} and {@code NAME.crt}.
     *
     * @param name as {@link CertificateAuthority#issueServer} takes it
     * @param others more host names and addresses
     * @param passphrase encrypts the key, as that of the CA is; null leaves it unencrypted
     * @throws IllegalArgumentException if one is neither a host name nor an address, or the passphrase is empty
     * @throws CaException if one of the files is there already or can't be written, or the CA has expired
     */
    public Identity issueServer(String name, Collection<String> others, char @Nullable [] passphrase) {
        return issue(name, Purpose.SERVER, others, passphrase);
    }

    /**
     * Renews the certificate in {@code NAME.crt} with a new key: the same subject, purpose and alternative names, until
     * {@link CertificateAuthority#LEAF_LIFETIME} from now. The files that it replaces are kept.
     *
     * @param name whom it was issued to
     * @param passphrase encrypts the new key; null leaves it unencrypted, which is refused if the old one is not
     * @param old what becomes of the certificates that the name had before
     * @throws IllegalArgumentException if the passphrase is empty
     * @throws CaException if there is no such certificate, it is revoked, its key is encrypted and there is no passphrase,
     *     the CA has expired, or the files can't be written
     */
    public X509Certificate renew(String name, char @Nullable [] passphrase, OldCertificate old) {
        checkNotEmpty(passphrase);
        return renew(name, old, Optional.of(CertificateAuthority.newKeys()), passphrase);
    }

    /**
     * Renews the certificate in {@code NAME.crt} as {@link #renew} does, but for the key that it has. That is neither read
     * nor written, so it may be elsewhere; whoever pinned it need not change anything.
     */
    public X509Certificate renewWithSameKey(String name, OldCertificate old) {
        return renew(name, old, Optional.empty(), null);
    }

    /**
     * Renews the certificate of the CA itself, for {@link CertificateAuthority#AUTHORITY_LIFETIME} from now, with the same
     * name and key, so all that it issued stays good; it counts where the new {@code ca.crt} is. The old one is kept as
     * {@code ca.crt.old}. Writes the revocation list, too, whose end the CA's may have cut.
     *
     * @return the CA with that certificate; this object goes on with the old one
     * @throws CaException if another CA issued it, or it can't be written
     */
    public CaDirectory renewAuthority() {
        X509Certificate before = authority.certificate();
        if (!before.getSubjectX500Principal().equals(before.getIssuerX500Principal())) {
            throw new CaException("the certificate of the CA in " + directory + " was issued by another CA ("
                    + Peer.printable(before.getIssuerX500Principal().getName()) + "); let that one renew it");
        }
        CaDirectory renewed = new CaDirectory(directory, authority.renewed(), clock, crlLifetime);
        try (FileTransaction files = FileTransaction.begin(directory)) {
            Path file = directory.resolve(CaFiles.CERTIFICATE);
            files.create(CaFiles.CERTIFICATE + Renewal.suffix(files, "ca"), Pem.read(file), false);
            files.replace(CaFiles.CERTIFICATE, Pem.certificate(renewed.authority.certificate()), false);
            renewed.stageCrl(files, CaFiles.readIndex(directory).next(each -> each));
            files.commit();
            return renewed;
        } catch (IOException e) {
            throw CaFiles.unwritable(directory, e);
        }
    }

    /**
     * Writes a PKCS#12 store with a certificate, its key and the CA's certificate, readable by its owner only. Does
     * not need the CA's key.
     *
     * @param name whom the certificate was issued to
     * @param keyPassphrase opens the key in {@code NAME.key}; null if there is none
     * @param form how it is encrypted
     * @param file must not be there yet
     * @param passphrase encrypts the store; printable ASCII, for devices differ in how they read the rest
     * @return its file
     * @throws IllegalArgumentException if the passphrase is empty or has other characters
     * @throws CredentialException if the certificate or its key can't be read, among others for want of a passphrase
     * @throws CaException if there is no such certificate, it is revoked, or the store is there already or can't be written
     */
    public static Path export(
            Path directory, String name, char @Nullable [] keyPassphrase, Pkcs12 form, Path file, char[] passphrase) {
        checkNotEmpty(passphrase);
        if (!CharBuffer.wrap(passphrase).chars().allMatch(each -> each >= ' ' && each <= '~')) {
            throw new IllegalArgumentException(
                    "the passphrase of a PKCS#12 store takes only the characters of ASCII, for"
                            + " devices differ in how they read others; choose another");
        }
        FileTransaction.writeNew(file, CaFiles.store(directory, name, keyPassphrase, form, passphrase));
        return file;
    }

    /**
     * Revokes whatever was issued to this name and writes the revocation list. It counts at a doorman once that has the
     * new list. Revoking again changes nothing but the list's number and dates.
     *
     * @return what of it is revoked now
     * @throws CaException if nothing was issued to it, or the list can't be written
     */
    public List<IssuedCertificate> revoke(String name) {
        try (FileTransaction files = FileTransaction.begin(directory)) {
            Index before = CaFiles.readIndex(directory);
            if (before.of(name).isEmpty()) {
                throw CaFiles.unknown(directory, name);
            }
            Index after = before.next(each -> each.name().equals(name) ? revokedNow(each) : each);
            stageCrl(files, after);
            files.commit();
            return after.of(name);
        } catch (IOException e) {
            throw CaFiles.unwritable(directory, e);
        }
    }

    /**
     * Writes a new revocation list, good for as long as {@link #withCrlLifetime} says.
     *
     * @return its file
     * @throws CaException if it can't be written
     */
    public Path writeCrl() {
        try (FileTransaction files = FileTransaction.begin(directory)) {
            stageCrl(files, CaFiles.readIndex(directory).next(each -> each));
            files.commit();
            return directory.resolve(CaFiles.CRL);
        } catch (IOException e) {
            throw CaFiles.unwritable(directory, e);
        }
    }

    private void stageCrl(FileTransaction files, Index index) throws IOException {
        // The index goes first: whoever it says is revoked is on every later list, whatever happens to this one.
        files.replace(CaFiles.INDEX, index.format(), true);
        byte[] crl = authority.revocationList(index.issued(), index.crlNumber(), crlLifetime);
        files.replace(CaFiles.CRL, Pem.revocationList(crl), false);
    }

    private IssuedCertificate revokedNow(IssuedCertificate one) {
        return one.revoked().isPresent() ? one : one.revokedAt(clock.instant().truncatedTo(ChronoUnit.SECONDS));
    }

    private Identity issue(String name, Purpose purpose, Collection<String> others, char @Nullable [] passphrase) {
        checkNotEmpty(passphrase);
        Identity identity =
                purpose == Purpose.CLIENT ? authority.issueClient(name) : authority.issueServer(name, others);
        try (FileTransaction files = FileTransaction.begin(directory)) {
            // The index goes first: a certificate that it does not know could never be revoked.
            Index index = CaFiles.readIndex(directory).with(entry(name, purpose, identity.certificate()));
            files.replace(CaFiles.INDEX, index.format(), true);
            files.create(name + ".key", Pem.key(identity.privateKey(), passphrase), true);
            files.create(name + ".crt", Pem.certificate(identity.certificate()), false);
            files.commit();
            return identity;
        } catch (IOException e) {
            throw CaFiles.unwritable(directory, e);
        }
    }

    private X509Certificate renew(
            String name, OldCertificate old, Optional<KeyPair> keys, char @Nullable [] passphrase) {
        try (FileTransaction files = FileTransaction.begin(directory)) {
            Index before = CaFiles.readIndex(directory);
            Renewal renewal = Renewal.of(files, before, authority.certificate(), name);
            Purpose purpose = renewal.purpose();
            PublicKey key = keys.map(KeyPair::getPublic)
                    .orElseGet(() -> renewal.certificate().getPublicKey());
            X509Certificate certificate = authority.issue(Holder.of(renewal.certificate(), purpose), key);
            IssuedCertificate entry = entry(name, purpose, certificate);
            // The index goes first, as in issue.
            if (old == OldCertificate.REVOKED) {
                stageCrl(
                        files,
                        before.next(each -> each.name().equals(name) ? revokedNow(each) : each)
                                .with(entry));
            } else {
                files.replace(CaFiles.INDEX, before.with(entry).format(), true);
            }
            renewal.stage(files, certificate, keys.map(KeyPair::getPrivate), passphrase);
            files.commit();
            return certificate;
        } catch (IOException e) {
            throw CaFiles.unwritable(directory, e);
        }
    }

    private static IssuedCertificate entry(String name, Purpose purpose, X509Certificate certificate) {
        return new IssuedCertificate(
                name,
                Optional.of(purpose),
                certificate.getSerialNumber(),
                certificate.getNotAfter().toInstant(),
                Optional.empty());
    }

    private static void checkNotEmpty(char @Nullable [] passphrase) {
        if (passphrase != null && passphrase.length == 0) {
            throw new IllegalArgumentException("the passphrase is empty; choose one, or none on purpose");
        }
    }
}
