package io.openme.tls;

import io.openme.tls.CredentialException.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Our private key and the certificates that we show for it. Immutable.
 *
 * <p>It is made only of a key and a certificate that belong together. Files are read once, when it is made; a file over
 * 1 MiB is refused. A passphrase is not kept, and erasing it is the caller's.
 */
public final class Identity {
    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");

    private final PrivateKey key;
    private final List<X509Certificate> chain;

    private Identity(PrivateKey key, List<X509Certificate> chain) {
        this.key = key;
        this.chain = List.copyOf(chain);
    }

    /**
     * An identity of objects that are there already.
     *
     * @param key the key of one of the certificates
     * @param certificates that certificate, and the CAs between it and the root in their order; a root is left out
     * @throws CredentialException if the key belongs to none of the certificates
     */
    public static Identity of(PrivateKey key, List<X509Certificate> certificates) {
        return of(key, certificates, "the key", "the certificate");
    }

    /**
     * Reads a PEM file that holds both the certificate and its key, not encrypted.
     *
     * @throws CredentialException if it can't be used
     */
    public static Identity ofPem(Path both) {
        return ofPem(both, both, null);
    }

    /**
     * Reads a certificate and its key, not encrypted.
     *
     * @throws CredentialException if one can't be used or they don't belong together
     */
    public static Identity ofPem(Path certificate, Path key) {
        return ofPem(certificate, key, null);
    }

    /**
     * Reads a certificate and its key from PEM files, which may be the same. Text around the blocks is skipped. The key is
     * PKCS#8, PKCS#1 or SEC1, and may be encrypted; the certificate's file may go on with the CAs above it.
     *
     * @param passphrase opens the key; null if there is none. Ignored where the key is not encrypted
     * @throws CredentialException if one can't be used or they don't belong together
     */
    public static Identity ofPem(Path certificate, Path key, char @Nullable [] passphrase) {
        List<X509Certificate> chain = PemFile.read(certificate, "a certificate").certificates();
        PrivateKey read = PrivateKeys.read(PemFile.read(key, "a private key"), passphrase);
        return of(read, chain, "the key in " + key, "the certificate in " + certificate);
    }

    /**
     * Reads a PKCS#12 store that holds exactly one key.
     *
     * @throws CredentialException if it can't be used
     */
    public static Identity ofPkcs12(Path file, char[] passphrase) {
        byte[] content = CredentialFile.read(file, "a PKCS#12 store", CredentialFile.LARGEST);
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(content), passphrase);
            List<String> keys = new ArrayList<>();
            for (String alias : Collections.list(store.aliases())) {
                if (store.isKeyEntry(alias)) {
                    keys.add(alias);
                }
            }
            if (keys.size() != 1) {
                throw CredentialFile.unusable(
                        file, "holds " + keys.size() + " keys where one was expected", "export one key with its chain");
            }
            Key key = store.getKey(keys.get(0), passphrase);
            Certificate[] chain = store.getCertificateChain(keys.get(0));
            if (!(key instanceof PrivateKey privateKey) || chain == null || chain.length == 0) {
                throw CredentialFile.unusable(
                        file, "holds a key without its certificate", "export both (openssl pkcs12 -export)");
            }
            List<X509Certificate> certificates =
                    Arrays.stream(chain).map(X509Certificate.class::cast).toList();
            return of(privateKey, certificates, "the key in " + file, "the certificate in " + file);
        } catch (UnrecoverableKeyException e) {
            throw wrongPassphrase(file, e);
        } catch (IOException e) {
            throw e.getCause() instanceof UnrecoverableKeyException
                    ? wrongPassphrase(file, e)
                    : CredentialFile.damaged(file, "the PKCS#12 store", e);
        } catch (GeneralSecurityException e) {
            throw CredentialFile.damaged(file, "the PKCS#12 store", e);
        } catch (RuntimeException e) {
            throw e instanceof CredentialException ours ? ours : CredentialFile.damaged(file, "the PKCS#12 store", e);
        }
    }

    /**
     * Says what is wrong with a key file that others than its owner can read, with the command that mends it; empty if
     * nothing is, or the file system knows no such permissions.
     *
     * @throws CredentialException if the file is not there or can't be looked at
     */
    public static Optional<String> tooOpen(Path keyFile) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(keyFile);
            if (Collections.disjoint(permissions, OTHERS)) {
                return Optional.empty();
            }
            return Optional.of("the key file " + keyFile + " is open to others than its owner ("
                    + PosixFilePermissions.toString(permissions) + "); run: chmod 600 '"
                    + keyFile.toString().replace("'", "'\\''") + "'");
        } catch (UnsupportedOperationException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new CredentialException(
                    Problem.UNREADABLE, "can't look at the key file " + keyFile + " (" + e + "); check the path", e);
        }
    }

    /** The private key. Keep it out of logs; nothing of openme prints it. */
    public PrivateKey privateKey() {
        return key;
    }

    /** The certificate of the key. */
    public X509Certificate certificate() {
        return chain.get(0);
    }

    /** What is sent to a peer: the certificate, then the CAs above it without the root. */
    public List<X509Certificate> chain() {
        return chain;
    }

    /** Names the certificate; never the key. */
    @Override
    public String toString() {
        return "Identity[" + Peer.of(certificate()) + "]";
    }

    private static Identity of(PrivateKey key, List<X509Certificate> certificates, String keyName, String name) {
        List<X509Certificate> chain = new ArrayList<>();
        for (X509Certificate each : certificates) {
            if (chain.isEmpty() && PrivateKeys.belongTogether(key, each.getPublicKey())) {
                chain.add(each);
            }
        }
        if (chain.isEmpty()) {
            String shown = certificates.isEmpty() ? "no name" : Peer.nameOf(certificates.get(0));
            throw new CredentialException(
                    Problem.MISMATCH,
                    keyName + " is not the key of " + name + " (" + shown + "); give the two that belong together");
        }
        for (X509Certificate each : certificates) {
            boolean root = each.getSubjectX500Principal().equals(each.getIssuerX500Principal());
            if (!root && !each.equals(chain.get(0))) {
                chain.add(each);
            }
        }
        return new Identity(key, chain);
    }

    private static CredentialException wrongPassphrase(Path file, Exception cause) {
        return new CredentialException(
                Problem.PASSPHRASE_WRONG, "the passphrase does not open " + file + "; check it and try again", cause);
    }
}
